/* SPDX-License-Identifier: MIT */
/* The sentences of Event 4 and of the KDC's events. In most languages the first sentence of Event 4
 * ends with %1 and the second with %3; %2 and %4 are the last two words in parentheses. Chinese,
 * Japanese and Korean have them inside the sentence, where they are the only ASCII words. */
#include "base/limits.h"
#include "evidence/event.h"

enum { SHORT_SENTENCE = 90 };

/* Length of the sentence at the front of s: up to a full stop that a blank or the end follows. */
static size_t sentence_len(struct bytes s)
{
    size_t i;

    for (i = 0; i < s.len; i++) {
        if (s.at[i] == '.' && (i + 1 == s.len || span_blank(s.at[i + 1])))
            return i;
        if (span_starts(span_from(s, i), "\xE3\x80\x82"))
            return i;
    }
    return s.len;
}

/* What follows the sentence that ends at len. */
static struct bytes next_sentence(struct bytes s, size_t len)
{
    s = span_from(s, len);
    if (span_starts(s, "."))
        s = span_from(s, 1);
    else if (span_starts(s, "\xE3\x80\x82"))
        s = span_from(s, 3);
    return span_trim(s);
}

static bool is_wide(struct bytes s)
{
    size_t i;

    for (i = 0; i + 2 < s.len; i++)
        if (s.at[i] >= 0xE3 && s.at[i] <= 0xED)
            return true;
    return false;
}

/* Quotes and commas around a word taken off. */
static struct bytes bare(struct bytes s)
{
    static const char *const marks[] = {"`",
                                        "\"",
                                        "'",
                                        ",",
                                        ";",
                                        "\xE2\x80\x9C",
                                        "\xE2\x80\x9D",
                                        "\xE2\x80\x9E",
                                        "\xC2\xAB",
                                        "\xC2\xBB",
                                        "\xE2\x80\x98",
                                        "\xE2\x80\x99"};
    size_t i;
    bool again = true;

    while (again) {
        again = false;
        s = span_trim(s);
        for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
            size_t len = strlen(marks[i]);

            if (s.len >= len && span_starts(s, marks[i])) {
                s = span_from(s, len);
                again = true;
            }
            if (s.len >= len && span_ends(s, marks[i])) {
                s = span_to(s, s.len - len);
                again = true;
            }
        }
    }
    return s;
}

/* The first run of printable ASCII in s that is no word of the sentence itself. */
static struct bytes ascii_run(struct bytes s)
{
    size_t i = 0;

    while (i < s.len) {
        size_t len = 0;
        struct bytes run;

        while (i + len < s.len && s.at[i + len] > ' ' && s.at[i + len] < 0x7F)
            len++;
        run = bare(span_to(span_from(s, i), len));
        if (run.len > 0 && !span_is_nocase(run, "Kerberos") && !span_is(run, "SPN") &&
            !span_is(run, "(") && !span_is(run, ")"))
            return run;
        i += len + 1;
    }
    return span_to(s, 0);
}

/* The first word of s that has one of the characters, or an empty one. */
static struct bytes word_with(struct bytes s, const char *character)
{
    struct bytes word;

    while ((word = span_word(&s)).len > 0)
        if (span_has(word, character))
            return bare(word);
    return word;
}

/* What stands behind one of the phrases; empty when none is there. */
static struct bytes behind_phrase(struct bytes s, const char *const *phrases)
{
    for (; *phrases != NULL; phrases++) {
        size_t at = span_find_nocase(s, *phrases);

        if (at != SIZE_MAX)
            return span_trim(span_from(s, at + strlen(*phrases)));
    }
    return span_to(s, 0);
}

/* *out_sure: the words around it, or its dollar sign, leave no doubt. */
static struct bytes server_of(struct bytes before, struct bytes sentence, bool *out_sure)
{
    /* en, fr, es, it, pt, ru, nl, pl, sv, cs, tr: what follows up to the full stop is %1 */
    static const char *const phrases[] = {
        "from the server ",
        "du serveur ",
        "del servidor ",
        "dal server ",
        "do servidor ",
        "\xD1\x81 \xD1\x81\xD0\xB5\xD1\x80\xD0\xB2\xD0\xB5\xD1\x80\xD0\xB0 ",
        "van de server ",
        "z serwera ",
        "fr\xC3\xA5n servern ",
        "ze serveru ",
        NULL};
    struct bytes found = behind_phrase(sentence, phrases);

    *out_sure = found.len > 0;
    if (found.len > 0)
        return bare(found);
    if (is_wide(before) || is_wide(sentence)) {
        found = ascii_run(before);
        return found.len > 0 ? found : ascii_run(sentence);
    }
    found = word_with(sentence, "$");
    *out_sure = span_ends(found, "$");
    if (found.len == 0)
        found = word_with(sentence, "/");
    if (found.len == 0)
        found = word_with(sentence, "\"");
    return found.len > 0 ? found : bare(span_last_word(sentence));
}

static struct bytes target_of(struct bytes sentence)
{
    static const char *const phrases[] = {"target name used was ", NULL};
    struct bytes found = behind_phrase(sentence, phrases);

    if (found.len > 0) /* without a full stop where a poster took the host away */
        return bare(span_to(found, size_min(span_find(found, " This indicates"), found.len)));
    if (span_starts(sentence, "This indicates"))
        return span_to(sentence, 0);
    if (is_wide(sentence))
        return ascii_run(sentence);
    found = word_with(sentence, "/");
    if (found.len == 0)
        found = word_with(sentence, "@");
    if (found.len == 0 && sentence.len < SHORT_SENTENCE && span_ends(bare(sentence), "$"))
        found = bare(span_last_word(sentence));
    return found;
}

static bool is_realm(struct bytes s)
{
    size_t i;

    for (i = 0; i < s.len; i++)
        if (!span_alnum(s.at[i]) && s.at[i] < 0x80 && !span_among(s.at[i], ".-_"))
            return false;
    return s.len > 0 && s.len < 256 && !span_is(s, "SPN") && !span_is(s, "KDC");
}

/* The content of each pair of parentheses in turn; false at the end. */
static bool take_parentheses(struct bytes *s, struct bytes *out)
{
    size_t open = span_find(*s, "("), wide = span_find(*s, "\xEF\xBC\x88"), close, len;

    if (open == SIZE_MAX && wide == SIZE_MAX)
        return false;
    len = open < wide ? 1 : 3;
    *s = span_from(*s, (open < wide ? open : wide) + len);
    close = size_min(span_find(*s, ")"), span_find(*s, "\xEF\xBC\x89"));
    if (close == SIZE_MAX)
        return false;
    *out = span_trim(span_to(*s, close));
    *s = span_from(*s, close);
    return true;
}

/* Target domain, then client domain; the wording of 2003 names only the target realm. */
static void put_realms(const struct document *document, struct bytes s, struct event4 *out)
{
    bool old = span_has(s, "the target realm (");
    struct bytes inside, realm[2] = {{NULL, 0}, {NULL, 0}};
    size_t num = 0;

    if (old)
        s = span_from(s, span_find(s, "the target realm ("));
    while (num < 2 && take_parentheses(&s, &inside)) {
        inside = bare(inside);
        if (is_realm(inside) || old)
            realm[num++] = inside;
    }
    out->server_realm = document_text(document, realm[0]);
    out->client_realm = old ? NULL : document_text(document, realm[1]);
}

bool event4_parse(const struct document *document, struct bytes before, struct bytes after,
                  struct event4 *out)
{
    size_t kerberos = span_find_last(before, "erberos"), end;
    struct bytes rest = span_trim(after), server, target;
    bool sure = false;

    if (kerberos == SIZE_MAX || before.len - kerberos > 120 ||
        (rest.len > 0 && span_among(rest.at[0], "(:/,\"<=|+")))
        return false;
    before = span_trim(span_from(before, kerberos + strlen("erberos")));
    if (span_has(span_last_word(before), "0x")) /* the error code of an Event 3 */
        return false;
    end = sentence_len(rest);
    server = server_of(before, span_to(rest, end), &sure);
    rest = next_sentence(rest, end);
    end = sentence_len(rest);
    target = target_of(span_to(rest, end));
    if (server.len == 0 || (target.len == 0 && !sure))
        return false;
    out->server = document_text(document, server);
    out->target = document_text(document, target);
    put_realms(document, rest, out);
    return true;
}

struct int_list event_numbers(const struct document *document, struct bytes s)
{
    int64_t *numbers = arena_take(document->scratch, LIMIT_ETYPES, sizeof(*numbers));
    struct int_list list = {numbers, 0};
    struct bytes word;

    while (list.num < LIMIT_ETYPES && (word = span_word(&s)).len > 0) {
        bool last = span_ends(word, ".");

        while (word.len > 0 && span_among(word.at[word.len - 1], ".,;"))
            word.len--;
        if (!span_int(word, &numbers[list.num]))
            return list;
        list.num++;
        if (last)
            return list;
    }
    word = list.num == LIMIT_ETYPES ? span_word(&s) : (struct bytes){NULL, 0};
    if (word.len > 0 && (word.at[0] == '-' || (word.at[0] >= '0' && word.at[0] <= '9')))
        document_problem(document, 0, "limit-etypes",
                         "too many encryption types in an event; the later ones are left out");
    return list;
}

/* The text between two phrases; empty when they are not there. */
static struct bytes between(struct bytes s, const char *from, const char *to)
{
    size_t at = span_find(s, from);
    struct bytes rest = span_from(s, at == SIZE_MAX ? s.len : at + strlen(from));
    size_t end = span_find(rest, to);

    return bare(span_to(rest, end == SIZE_MAX ? 0 : end));
}

/* "requested etypes : 18 17 3.", "available etypes were 23  -133" */
static struct int_list etypes_behind(const struct document *document, struct bytes s,
                                     const char *phrase)
{
    size_t at = span_find(s, phrase);

    s = span_trim(span_from(s, at == SIZE_MAX ? s.len : at + strlen(phrase)));
    if (span_starts(s, "were "))
        s = span_from(s, 5);
    else if (span_starts(s, ":"))
        s = span_from(s, 1);
    return event_numbers(document, s);
}

/* Event 11: the name stands in front of "(of type DS_SERVICE_PRINCIPAL_NAME)". */
static bool parse_duplicate(const struct document *document, struct bytes message,
                            struct kdc_event *out)
{
    static const char *const types[] = {"DS_SERVICE_PRINCIPAL_NAME", "DS_USER_PRINCIPAL_NAME",
                                        "DS_UNKNOWN_NAME", NULL};
    const char *const *type;

    for (type = types; *type != NULL; type++) {
        size_t at = span_find(message, *type), open;
        struct bytes name;

        if (at == SIZE_MAX)
            continue;
        open = span_find_last(span_to(message, at), "(");
        if (open == SIZE_MAX)
            open = span_find_last(span_to(message, at), "\xEF\xBC\x88");
        if (open == SIZE_MAX || at - open > 40 ||
            !(span_starts(span_from(message, at + strlen(*type)), ")") ||
              span_starts(span_from(message, at + strlen(*type)), "\xEF\xBC\x89")))
            continue;
        name = bare(span_last_word(span_to(message, open)));
        while (name.len > 0 && name.at[0] >= 0x80) /* Chinese puts no blank in front */
            name = span_from(name, 1);
        if (name.len == 0)
            continue;
        out->id = 11;
        out->spn = document_text(document, name);
        return true;
    }
    return false;
}

bool kdc_event_parse(const struct document *document, struct bytes message, struct kdc_event *out)
{
    bool as = span_has(message, "processing an AS request");

    if (parse_duplicate(document, message, out))
        return true;
    if (!span_has(message, "did not have a suitable key"))
        return false;
    out->id = as ? 14 : 16;
    out->service = document_text(document, between(message, "target service ", ", the account "));
    if (out->service == NULL)
        out->service =
            document_text(document, between(message, "target server ", ", the account "));
    out->account = document_text(document, between(message, ", the account ", " did not have"));
    out->requested = etypes_behind(document, message, "requested etypes ");
    out->available = etypes_behind(document, message, "available etypes ");
    return true;
}
