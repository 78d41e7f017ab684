/* SPDX-License-Identifier: MIT */
/* What was read, and how. */
#include <inttypes.h>

#include "report/clock.h"
#include "report/html.h"
#include "report/when.h"

enum { OPEN_FILES = 4 };

static void row(struct text *out, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    text_putf(out, "<div><dt>%s</dt><dd>", label);
    html_put(out, "", text, "</dd></div>\n");
}

static const char *joined(struct view *view, const struct text_list *list)
{
    struct text out = {0};
    const char *kept;
    size_t i;

    for (i = 0; i < list->num && i < 8; i++)
        text_putf(&out, "%s%s", i > 0 ? ", " : "", list->at[i]);
    kept = arena_print(&view->arena, "%s", text_str(&out));
    text_clear(&out);
    return kept;
}

static void put_capture(struct html_page *page, const struct view_input *capture)
{
    const struct capture_file *file = capture->file;
    struct arena *arena = &page->view->arena;
    struct text *out = page->out;
    char zone[WHEN_TEXT_ROOM];

    html_put(out, "<dt class=\"file\">", capture->input->path, "</dt><dd><dl>\n");
    if (file == NULL) {
        row(out, "Capture", "could not be read");
    } else {
        row(out, "Format", file->format);
        row(out, "Packets", arena_print(arena, "%" PRId64, file->packets));
        row(out, "Size", arena_print(arena, "%" PRId64 " bytes", file->size));
        if (file->first_ns.set)
            row(out, "First packet",
                html_time(page->view, clock_utc(capture, file->first_ns.value), false));
        if (file->last_ns.set)
            row(out, "Last packet",
                html_time(page->view, clock_utc(capture, file->last_ns.value), false));
        row(out, "Times",
            capture->zone_s.set ? arena_print(arena, "UTC; local time is UTC%s",
                                              when_zone(capture->zone_s.value, zone))
            : capture->local    ? "local, of an unknown zone"
                                : "UTC");
        if (capture->input->part > 0)
            row(out, "Read as",
                arena_print(arena, "one capture with %s, which it continues",
                            capture[-1].input->path));
        row(out, "Link types", joined(page->view, &file->link_types));
        row(out, "Captured with", file->application);
        row(out, "Captured on", file->os);
    }
    row(out, "Damage",
        capture->num_problems == 0
            ? "none found"
            : arena_print(arena, "%zu, listed under Problems", capture->num_problems));
    text_put(out, "</dl></dd>\n");
}

void html_files(struct html_page *page)
{
    struct view *view = page->view;
    bool fold = view->num_captures + view->num_evidence > OPEN_FILES;
    size_t i;

    text_put(page->out, "<section class=\"files\"><h2>How the files were read</h2>\n");
    if (fold)
        text_putf(page->out, "<details><summary>%zu files</summary>\n",
                  view->num_captures + view->num_evidence);
    text_put(page->out, view->num_captures + view->num_evidence > 0 ? "<dl class=\"list\">\n" : "");
    for (i = 0; i < view->num_captures; i++)
        put_capture(page, &view->captures[i]);
    for (i = 0; i < view->num_evidence; i++) {
        html_put(page->out, "<dt class=\"file\">", view->evidence[i].input->path,
                 "</dt><dd><dl>\n");
        row(page->out, "Evidence", view->evidence[i].kind);
        row(page->out, "Facts", arena_print(&view->arena, "%" PRId64, view->evidence[i].facts));
        text_put(page->out, "</dl></dd>\n");
    }
    text_put(page->out, view->num_captures + view->num_evidence > 0 ? "</dl>\n" : "");
    text_put(page->out, fold ? "</details>\n" : "");
    text_put(page->out,
             "<p class=\"label\">krbwhy " KRBWHY_VERSION
             ". This page holds no bytes of tickets, keys or passwords, only names, addresses, "
             "times and digests. It is one file and fetches nothing.</p>\n</section>\n");
}
