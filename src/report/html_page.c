/* SPDX-License-Identifier: MIT */
/* The page around the findings, and what every part of it is written with. */
#include <inttypes.h>

#include "base/base64.h"
#include "report/html.h"
#include "report/when.h"

void html_put(struct text *out, const char *before, const char *text, const char *after)
{
    text_put(out, before);
    text_put_html(out, text);
    text_put(out, after);
}

const char *html_time(struct view *view, int64_t ns, bool clock)
{
    char room[WHEN_TEXT_ROOM];

    when_text(ns, room);
    return clock ? arena_print(&view->arena, "%.12s", room + 11)
                 : arena_print(&view->arena, "%.10s %.8s", room, room + 11);
}

/* The folder that all captures are in: said once, then left out. */
static void find_folder(struct html_page *page)
{
    const struct view *view = page->view;
    const char *first;
    size_t len = 0, i, k;

    if (view->num_captures < 2)
        return;
    first = view->captures[0].input->path;
    for (i = 0; first[i] != '\0'; i++)
        len = first[i] == '/' ? i + 1 : len;
    for (i = 1; i < view->num_captures; i++) {
        const char *path = view->captures[i].input->path;

        for (k = 0; k < len && path[k] == first[k]; k++)
            ;
        while (k > 0 && first[k - 1] != '/')
            k--;
        len = k;
    }
    page->folder_len = len;
}

const char *html_path(const struct html_page *page, const char *path)
{
    return page->folder_len > 0 &&
                   strncmp(path, page->view->captures[0].input->path, page->folder_len) == 0
               ? path + page->folder_len
               : path;
}

static void put_hash(struct text *out, const char *text)
{
    struct digest digest = digest_of(bytes_of_text(text));

    text_put(out, "'sha256-");
    base64_encode(out, (struct bytes){digest.octet, sizeof(digest.octet)});
    text_put_char(out, '\'');
}

static void put_title(struct html_page *page)
{
    const struct view *view = page->view;

    if (view->report->num_cases == 1 && view->num_captures > 0)
        text_put_html(page->out, view->captures[0].input->path);
    else
        say_count(page->out, (int64_t)view->num_captures, "capture", "captures");
}

void html_begin(struct html_page *page)
{
    struct text *out = page->out;

    html_choose(page);
    find_folder(page);
    text_put(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src ");
    put_hash(out, html_style);
    text_put(out, "; script-src ");
    put_hash(out, html_script);
    text_put(out, "; base-uri 'none'; form-action 'none'\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n"
                  "<meta name=\"generator\" content=\"krbwhy " KRBWHY_VERSION "\">\n<title>");
    put_title(page);
    text_put(out, ": why Kerberos failed</title>\n<style>");
    text_put(out, html_style);
    text_put(out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the report"
                  "</a>\n<main id=\"main\">\n");
    if (page->batch)
        html_totals(page);
}

void html_end(struct html_page *page)
{
    html_files(page);
    text_put(page->out, "</main>\n<div id=\"live\" role=\"status\"></div>\n<script>");
    text_put(page->out, html_script);
    text_put(page->out, "</script>\n</body>\n</html>\n");
}
