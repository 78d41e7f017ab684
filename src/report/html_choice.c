/* SPDX-License-Identifier: MIT */
/* Which incidents of a large batch are shown in full: a page of thousands would open in no mail
 * program. One of each kind first, the most frequent kind before the others. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "report/html.h"

/* A finding, as what it is about. */
struct about {
    const char *cause, *spn, *account;
    size_t in;           /* index of the case */
    size_t rank, weight; /* which of its kind, and how many there are */
};

static int compare_text(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int compare_kinds(const struct about *a, const struct about *b)
{
    int by = compare_text(a->cause, b->cause);

    by = by != 0 ? by : compare_text(a->spn, b->spn);
    return by != 0 ? by : compare_text(a->account, b->account);
}

static int by_kind(const void *a, const void *b)
{
    const struct about *x = a, *y = b;
    int by = compare_kinds(x, y);

    return by != 0 ? by : (x->in > y->in) - (x->in < y->in);
}

static int by_rank(const void *a, const void *b)
{
    const struct about *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return (x->in > y->in) - (x->in < y->in);
}

static size_t collect(const struct view *view, struct about *all)
{
    size_t i, num = 0;

    for (i = 0; i < view->num_findings; i++) {
        const struct view_finding *f = &view->findings[i];

        if (f->finding->informs)
            continue;
        all[num++] = (struct about){.cause = f->finding->cause,
                                    .spn = f->first == NULL ? NULL : f->first->attempt->spn,
                                    .account = f->finding->tried_by,
                                    .in = (size_t)(f->in - view->report->cases)};
    }
    return num;
}

static void rank(struct about *all, size_t num)
{
    size_t first, i;

    qsort(all, num, sizeof(*all), by_kind);
    for (first = 0; first < num; first = i) {
        for (i = first; i < num && compare_kinds(&all[first], &all[i]) == 0; i++)
            all[i].rank = i - first;
        for (; first < i; first++)
            all[first].weight = all[i - 1].rank + 1;
    }
    qsort(all, num, sizeof(*all), by_rank);
}

void html_choose(struct html_page *page)
{
    const struct view *view = page->view;
    size_t num_cases = view->report->num_cases, num, i;
    struct about *all;

    page->full = arena_take(&page->view->arena, num_cases + 1, sizeof(*page->full));
    if (num_cases <= LIMIT_HTML_INCIDENTS) {
        memset(page->full, 1, num_cases * sizeof(*page->full));
        page->num_full = num_cases;
        return;
    }
    all = memory_take(view->num_findings + 1, sizeof(*all));
    num = collect(view, all);
    rank(all, num);
    for (i = 0; i < num && page->num_full < LIMIT_HTML_INCIDENTS; i++) {
        page->num_full += !page->full[all[i].in];
        page->full[all[i].in] = true;
    }
    memory_drop(all);
}
