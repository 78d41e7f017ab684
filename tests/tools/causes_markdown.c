/* SPDX-License-Identifier: MIT */
/* What the documentation takes from the program's tables (`make docs`).
 *   causes_markdown             docs/causes.md
 *   causes_markdown --pages     the parts of docs/causes/ID.md, each behind a line "@ID PART" */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cause/example.h"
#include "cause/explain.h"

static void put_labelled(struct text *out, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    text_putf(out, "**%s:** ", label);
    text_put_markdown(out, text);
    text_put(out, "\n\n");
}

static void put_part(struct text *out, const struct cause *cause, const char *part)
{
    text_putf(out, "@%s %s\n", cause->id, part);
}

static void put_command(struct text *out, const char *command)
{
    text_putf(out, "```text\n%s\n```\n\n", command);
}

static void put_number(struct text *out, const struct cards *cards, size_t at, const char *behind)
{
    if (cards->num > 1)
        text_putf(out, "**Fix %zu.**%s", at + 1, behind);
}

/* Texts of cards begin with a small letter, names with what they have. */
static void put_sentence(struct text *out, const char *text)
{
    const char first[2] = {(char)toupper((unsigned char)text[0]), '\0'};
    size_t len = strlen(text);

    text_put(out, first);
    text_put_markdown(out, text + 1);
    text_put(out, len > 0 && text[len - 1] == '.' ? "\n\n" : ".\n\n");
}

static void put_repair(struct text *out, const struct cause *cause, const struct cards *cards)
{
    size_t i;

    put_part(out, cause, "repair");
    put_labelled(out, "In short", cause->fix);
    for (i = 0; i < cards->num; i++) {
        const struct remedy *r = &cards->at[i];

        put_number(out, cards, i, " ");
        put_sentence(out, r->what);
        if (r->command != NULL)
            put_command(out, r->command);
        put_labelled(out, "Who", r->who);
        put_labelled(out, "Afterwards", r->verify);
        put_labelled(out, "Reference", r->reference);
    }
    if (cards->num == 0)
        put_labelled(out, "Reference", cause->reference);
}

static bool is_command(const char *text)
{
    size_t len = strcspn(text, " -");

    return text[0] == '%' || strncmp(text, "setspn ", 7) == 0 || strncmp(text, "reg ", 4) == 0 ||
           strncmp(text, "netsh ", 6) == 0 || strncmp(text, "sc config", 9) == 0 ||
           (text[0] >= 'A' && text[0] <= 'Z' && text[len] == '-' && text[len + 1] >= 'A' &&
            text[len + 1] <= 'Z');
}

static void put_cards(struct text *out, const struct cause *cause, const struct cards *cards,
                      bool undo)
{
    size_t i;

    put_part(out, cause, undo ? "undo" : "touches");
    for (i = 0; i < cards->num; i++) {
        const char *text = undo ? cards->at[i].undo : cards->at[i].breaks;

        if (text == NULL)
            continue;
        put_number(out, cards, i, is_command(text) ? "\n\n" : " ");
        if (is_command(text))
            put_command(out, text);
        else
            put_sentence(out, text);
    }
}

static void put_page(struct text *out, const struct cause *cause)
{
    struct arena arena = {0};
    struct cards cards = {.arena = &arena};

    example_cards(cause, &cards);
    put_part(out, cause, "title");
    text_put_markdown(out, cause->title);
    text_put(out, "\n\n");
    put_part(out, cause, "shows");
    put_labelled(out, "In a capture", cause->shows);
    put_part(out, cause, "sure");
    put_labelled(out, "Settled by", cause->settled_by);
    put_labelled(out, "It is something else if", cause->against);
    put_repair(out, cause, &cards);
    put_cards(out, cause, &cards, false);
    put_cards(out, cause, &cards, true);
    arena_clear(&arena);
}

int main(int argc, char **argv)
{
    struct text out = {0};
    size_t i;

    if (argc > 1 && strcmp(argv[1], "--pages") == 0)
        for (i = 0; causes[i] != NULL; i++)
            put_page(&out, causes[i]);
    else
        explain_markdown(&out);
    fputs(text_str(&out), stdout);
    text_clear(&out);
    return 0;
}
