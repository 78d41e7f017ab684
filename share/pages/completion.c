/* SPDX-License-Identifier: MIT */
/* What the shells offer. Each script stands alone: none needs a library of its shell that may be
 * missing. */
#include <string.h>

#include "pages.h"

#define MADE "Completion of krbwhy(1) in %s; made from the program's own tables.\n"

/* ---- bash ---- */

static void put_word(void *user, const struct word *word)
{
    struct text *out = user;

    text_putf(out, "%s%s", out->len > 0 ? " " : "", word->word);
}

/* "-f|--format" */
static void put_pattern(struct text *out, const struct option_row *row)
{
    if (row->letter != 0)
        text_putf(out, "-%c|", row->letter);
    text_putf(out, "--%s", row->name);
}

/* One branch: words, a file (left to readline, which quotes it), or nothing. */
static void put_branch(struct text *out, const struct option_row *row)
{
    struct text words = {0};

    words_visit(row, put_word, &words);
    text_put(out, "    ");
    put_pattern(out, row);
    text_put(out, ")\n");
    if (words.len > 0)
        text_putf(out,
                  "        COMPREPLY=($(compgen -P \"$lead\" -W '%s' -- \"$word\"))\n        "
                  "compopt +o default\n",
                  text_str(&words));
    else if (!words_file(row))
        text_put(out, "        compopt +o default\n");
    text_put(out, "        return ;;\n");
    text_clear(&words);
}

void page_bash(struct text *out)
{
    static const char begin[] =
        "_krbwhy()\n{\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} before= lead= i\n"
        "    COMPREPLY=()\n"
        "    # behind -- there are only paths\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do [[ ${COMP_WORDS[i]} == -- ]] && return; done\n"
        "    ((COMP_CWORD > 1)) && before=${COMP_WORDS[COMP_CWORD - 1]}\n"
        "    # --format=json is taken apart at the =, or is not, as COMP_WORDBREAKS has it\n"
        "    if [[ $word == = ]]; then\n"
        "        word=\n"
        "    elif [[ $before == = ]] && ((COMP_CWORD > 2)); then\n"
        "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
        "    elif [[ $word == --*=* ]]; then\n"
        "        before=${word%%=*} lead=${word%%=*}= word=${word#*=}\n"
        "    fi\n"
        "    case $before in\n";
    size_t i;

    text_put(out, "# SPDX-License-Identifier: MIT\n");
    text_putf(out, "# " MADE, "bash");
    text_put(out, begin);
    for (i = 0; i < OPTION_COUNT; i++)
        if (option_rows[i].argument != NULL)
            put_branch(out, &option_rows[i]);
    text_put(out, "    esac\n"
                  "    if [[ $word == -* ]]; then\n"
                  "        compopt +o default\n"
                  "        COMPREPLY=($(compgen -W '");
    for (i = 0; i < OPTION_COUNT; i++)
        text_putf(out, "%s--%s%s", i > 0 ? " " : "", option_rows[i].name,
                  option_rows[i].argument != NULL ? "=" : "");
    text_put(out, "' -- \"$word\"))\n"
                  "        [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n"
                  "    fi\n"
                  "    return 0\n"
                  "}\n"
                  "complete -o default -F _krbwhy krbwhy\n");
}

/* ---- zsh ---- */

/* Inside '...' of a specification: brackets and colons are its punctuation. */
static void put_zsh(struct text *out, const char *str)
{
    for (; *str != '\0'; str++) {
        if (*str == '\'')
            text_put(out, "'\\''");
        else if (strchr("[]:\\()\"", *str) != NULL)
            text_putf(out, "\\%c", *str);
        else
            text_put_char(out, *str);
    }
}

static void put_zsh_word(void *user, const struct word *word)
{
    struct text *out = user;

    text_put(out, out->len > 0 ? " " : "");
    put_zsh(out, word->word);
    text_put(out, "\\:\"");
    put_zsh(out, word->about != NULL ? word->about : word->word);
    text_put_char(out, '"');
}

static void put_zsh_action(struct text *out, const struct option_row *row)
{
    struct text words = {0};

    if (row->argument == NULL)
        return;
    text_putf(out, ":%s:", row->argument);
    words_visit(row, put_zsh_word, &words);
    if (words.len > 0)
        text_putf(out, "((%s))", text_str(&words));
    else if (words_file(row))
        text_put(out, "_files");
    text_clear(&words);
}

static void put_zsh_option(struct text *out, const struct option_row *row)
{
    struct text about = {0};
    const char *more = row->argument != NULL ? "=" : "";

    words_short(&about, row);
    text_put(out, "    ");
    if (words_repeat(row))
        text_put(out, "'*'");
    else if (row->letter != 0)
        text_putf(out, "'(-%c --%s)'", row->letter, row->name);
    if (row->letter != 0)
        text_putf(out, "{-%c%s,--%s%s}", row->letter, row->argument != NULL ? "+" : "", row->name,
                  more);
    else
        text_putf(out, "--%s%s", row->name, more);
    text_put(out, "'[");
    put_zsh(out, text_str(&about));
    text_put_char(out, ']');
    put_zsh_action(out, row);
    text_put(out, "' \\\n");
    text_clear(&about);
}

void page_zsh(struct text *out)
{
    size_t i;

    text_put(out, "#compdef krbwhy\n# SPDX-License-Identifier: MIT\n");
    text_putf(out, "# " MADE, "zsh");
    text_put(out, "_arguments -s -S \\\n");
    for (i = 0; i < OPTION_COUNT; i++)
        put_zsh_option(out, &option_rows[i]);
    text_put(out, "    '*:capture or evidence:_files'\n");
}

/* ---- fish ---- */

/* Inside '...'. */
static void put_fish(struct text *out, const char *str)
{
    for (; *str != '\0'; str++) {
        if (*str == '\'' || *str == '\\')
            text_put_char(out, '\\');
        text_put_char(out, *str);
    }
}

/* fish reads the list of words once more, as a command line: descriptions stand in "..." there. */
static void put_fish_word(void *user, const struct word *word)
{
    struct text *out = user;
    const char *at;

    text_put(out, out->len > 0 ? " " : "");
    put_fish(out, word->word);
    text_put(out, "\\t\"");
    for (at = word->about != NULL ? word->about : ""; *at != '\0'; at++) {
        char one[2] = {*at, '\0'};

        text_put(out, strchr("\"$\\", *at) != NULL ? "\\\\" : "");
        put_fish(out, one);
    }
    text_put_char(out, '"');
}

void page_fish(struct text *out)
{
    size_t i;

    text_put(out, "# SPDX-License-Identifier: MIT\n");
    text_putf(out, "# " MADE, "fish");
    for (i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_rows[i];
        struct text words = {0}, about = {0};

        words_visit(row, put_fish_word, &words);
        words_short(&about, row);
        text_put(out, "complete -c krbwhy");
        if (row->letter != 0)
            text_putf(out, " -s %c", row->letter);
        text_putf(out, " -l %s -d '", row->name);
        put_fish(out, text_str(&about));
        text_put_char(out, '\'');
        if (row->argument != NULL)
            text_put(out, words_file(row) ? " -r -F" : " -x");
        if (words.len > 0)
            text_putf(out, " -a '%s'", text_str(&words));
        text_put_char(out, '\n');
        text_clear(&words);
        text_clear(&about);
    }
}
