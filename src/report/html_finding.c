/* SPDX-License-Identifier: MIT */
/* A finding's parts, put into the order of the page: what a person needs first stands first. */
#include <inttypes.h>

#include "report/html.h"

enum { MOST_ATTEMPTS = 40 };

static const char *means(const char *confidence)
{
    if (strcmp(confidence, "confirmed") == 0)
        return "a key or the evidence files leave no other cause";
    if (strcmp(confidence, "likely") == 0)
        return "the whole way is in the capture and nothing else fits it";
    return "it fits what was seen, and other causes do too";
}

void html_confidence(struct html_page *page, const struct finding *f)
{
    const char *name = f->informs ? NULL : confidence_name(f->confidence);

    if (name == NULL) {
        text_put(page->out, "<p class=\"confidence\"><b>For information.</b></p>\n");
        return;
    }
    text_putf(page->out, "<p class=\"confidence %s\"><b>Confidence: %s</b>, that is: %s.</p>\n",
              name, name, means(name));
}

void html_attempt(struct html_page *page, const struct view_attempt *shown)
{
    struct say_step *steps;
    size_t num = say_chain(page->view, shown, &steps);
    struct view_times times;

    text_putf(page->out, "<details class=\"attempt\"><summary><b>%s</b>: ",
              view_outcome(shown->attempt->outcome));
    html_put(page->out, "", say_attempt(page->view, shown), "");
    html_put(page->out, " <span class=\"at\">", say_where(page->view, shown),
             "</span></summary>\n");
    html_put(page->out, "<p>", say_roles(page->view, shown), "</p>\n");
    say_comments(page->view, steps, num);
    times = say_times(page->finding == NULL ? NULL : page->finding->finding, steps, num);
    html_steps(page, steps, num, &times);
    text_put(page->out, "</details>\n");
}

static void put_attempts(struct html_page *page, const struct view_finding *f)
{
    size_t i, k = 0, done = 0;

    if (f->num_attempts == 0)
        return;
    text_putf(page->out, "<section class=\"attempts\"><h%d>The authentication%s</h%d>\n",
              page->level, f->num_attempts == 1 ? "" : "s", page->level);
    for (i = 0; i < page->view->num_attempts && k < f->num_attempts; i++) {
        if (page->view->attempts[i].id != f->attempts[k])
            continue;
        k++;
        if (done < MOST_ATTEMPTS)
            html_attempt(page, &page->view->attempts[i]);
        done++;
    }
    if (done > MOST_ATTEMPTS)
        text_putf(page->out, "<p>and %zu more, which the JSON report lists.</p>\n",
                  done - MOST_ATTEMPTS);
    text_put(page->out, "</section>\n");
}

static void put_slot(struct html_page *page, struct text *slot)
{
    if (slot->len > 0)
        text_put(page->out, text_str(slot));
    text_reset(slot);
}

/* The finding's parts, in the order of the page. */
void html_end_finding(struct html_page *page)
{
    const struct view_finding *f = page->finding;

    page->out = page->document;
    if (f == NULL)
        return;
    text_putf(page->out, "<article class=\"finding\" id=\"finding-%" PRId64 "\">\n", f->id);
    put_slot(page, &page->head);
    text_put(page->out, "<div class=\"first\">\n<div class=\"fix\">\n");
    put_slot(page, &page->slots[DOCUMENT_REMEDIES]);
    text_put(page->out, "</div>\n<div class=\"who\">\n");
    if (f->first != NULL)
        html_keys(page, f->first, f->finding);
    put_slot(page, &page->slots[DOCUMENT_MISSING]);
    text_put(page->out, "</div>\n<div class=\"story\">\n");
    put_slot(page, &page->words);
    text_put(page->out, "</div>\n</div>\n");
    put_slot(page, &page->slots[DOCUMENT_CHAIN]);
    text_put(page->out, "<div class=\"pair\">\n");
    put_slot(page, &page->slots[DOCUMENT_FOR]);
    put_slot(page, &page->slots[DOCUMENT_AGAINST]);
    text_put(page->out, "</div>\n");
    put_slot(page, &page->slots[DOCUMENT_OTHERS]);
    put_attempts(page, f);
    put_slot(page, &page->slots[DOCUMENT_FILTER]);
    text_put(page->out, "</article>\n");
    page->finding = NULL;
}
