/* SPDX-License-Identifier: MIT */
#include "evidence/xml.h"

#include <expat.h>
#include <limits.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

enum { NAME_ROOM = 64 };

struct walk {
    const struct xml_events *events;
    XML_Parser parser;
    int64_t first_line; /* of the stretch */
    size_t depth;       /* open elements without the one that wraps all */
    char open[LIMIT_XML_DEPTH][NAME_ROOM];
};

const char *xml_attribute(const char *const *attributes, const char *name)
{
    for (; attributes[0] != NULL; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct walk *walk = user;
    int64_t line = walk->first_line + (int64_t)XML_GetCurrentLineNumber(walk->parser) - 1;

    if (walk->depth == LIMIT_XML_DEPTH) {
        XML_StopParser(walk->parser, XML_FALSE);
        return;
    }
    snprintf(walk->open[walk->depth++], NAME_ROOM, "%s", name);
    walk->events->start(walk->events->user, name, (const char *const *)attributes, line);
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    struct walk *walk = user;

    if (walk->depth == 0)
        return;
    walk->depth--;
    walk->events->end(walk->events->user, name);
}

static void XMLCALL on_characters(void *user, const XML_Char *text, int len)
{
    struct walk *walk = user;

    if (walk->depth > 0 && walk->events->characters != NULL)
        walk->events->characters(walk->events->user, span((const uint8_t *)text, (size_t)len));
}

static bool feed(struct walk *walk, struct bytes piece)
{
    return XML_Parse(walk->parser, (const char *)piece.at, (int)piece.len, 0) == XML_STATUS_OK;
}

/* Articles and mail programs print curly quotes around attributes: "xx" of three octets each. */
static bool feed_curly(struct walk *walk, struct bytes text)
{
    struct text straight = {0};
    size_t i = 0;
    bool ok;

    while (i < text.len) {
        struct bytes rest = span_from(text, i);

        if (span_starts(rest, "\xE2\x80\x9C") || span_starts(rest, "\xE2\x80\x9D") ||
            span_starts(rest, "\xE2\x80\x9E")) {
            text_put_char(&straight, '"');
            i += 3;
        } else {
            text_put_char(&straight, (char)text.at[i++]);
        }
    }
    text_put_char(&straight, '\n');
    ok = straight.len < INT_MAX && feed(walk, span((const uint8_t *)straight.at, straight.len));
    text_clear(&straight);
    return ok;
}

/* A line longer than int goes in pieces. */
static bool feed_line(struct walk *walk, struct bytes text)
{
    if (span_has(text, "=\xE2\x80\x9C") || span_has(text, "=\xE2\x80\x9D") ||
        span_has(text, "=\xE2\x80\x9E"))
        return feed_curly(walk, text);
    while (text.len > 0) {
        size_t len = size_min(text.len, (size_t)1 << 20);

        if (!feed(walk, span_to(text, len)))
            return false;
        text = span_from(text, len);
    }
    return feed(walk, bytes_of_text("\n"));
}

/* Without a viewer's "- " in front, and without an XML declaration, which only a file may have. */
static struct bytes clean_line(struct bytes text)
{
    size_t end;

    if (span_starts(text, "- <") || span_starts(text, "+ <"))
        text = span_from(text, 2);
    else if (span_starts(text, "-<") || span_starts(text, "+<"))
        text = span_from(text, 1);
    if (span_starts(text, "<?xml")) {
        end = span_find(text, "?>");
        text = end == SIZE_MAX ? span_to(text, 0) : span_from(text, end + 2);
    }
    return text;
}

static bool begins(struct bytes text, const char *const *roots)
{
    text = span_trim(clean_line(text));
    if (text.len == 0 || text.at[0] != '<')
        return false;
    for (text = span_from(text, 1); *roots != NULL; roots++) {
        size_t len = strlen(*roots);

        if (span_starts(text, *roots) && (text.len == len || !span_alnum(text.at[len])))
            return true;
    }
    return false;
}

static void *take(size_t size)
{
    return memory_take(1, size);
}

static void *grow(void *old, size_t size)
{
    return memory_grow(old, 1, size);
}

static void open_stretch(struct walk *walk, int64_t line)
{
    static const XML_Memory_Handling_Suite memory = {take, grow, memory_drop};

    walk->parser = XML_ParserCreate_MM("UTF-8", &memory, NULL);
    /* Fixed, because asking for a random one is a system call that a sandbox may refuse; the size
     * of a file is bounded. */
    XML_SetHashSalt(walk->parser, 0x9E3779B9u);
    XML_SetUserData(walk->parser, walk);
    XML_SetCharacterDataHandler(walk->parser, on_characters);
    walk->first_line = line;
    walk->depth = 0;
    feed(walk, bytes_of_text("<all>"));
    XML_SetElementHandler(walk->parser, on_start, on_end);
}

static void close_stretch(struct walk *walk)
{
    XML_ParserFree(walk->parser);
    walk->parser = NULL;
    while (walk->depth > 0)
        walk->events->end(walk->events->user, walk->open[--walk->depth]);
}

void xml_read(const struct document *document, const char *const *roots,
              const struct xml_events *events, int64_t *out_damage_line)
{
    struct walk walk = {.events = events};
    int64_t damage = 0;
    struct cursor cursor;
    struct line line;

    cursor_init(&cursor, document);
    cursor.doubled = false;
    while (cursor_take(&cursor, &line)) {
        struct bytes text = clean_line(line.text);

        if (walk.parser != NULL && walk.depth == 0 && !span_starts(text, "<"))
            close_stretch(&walk); /* prose behind a root */
        if (walk.parser == NULL && begins(line.text, roots))
            open_stretch(&walk, line.number);
        if (walk.parser == NULL || feed_line(&walk, text))
            continue;
        if (damage == 0)
            damage = line.number;
        close_stretch(&walk);
    }
    if (walk.parser != NULL) {
        if (walk.depth > 0 && damage == 0)
            damage = cursor.number;
        close_stretch(&walk);
    }
    if (out_damage_line != NULL)
        *out_damage_line = damage;
}
