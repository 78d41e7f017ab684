/* SPDX-License-Identifier: MIT */
/* The picture of who holds which key. */
#include <inttypes.h>
#include <strings.h>

#include "asn1/names.h"
#include "report/html.h"
#include "report/html_svg.h"
#include "report/say_parts.h"

enum { MODIFIED = 41, MOST_ROWS = 8, PAD = 12 };
enum { CLIENT, DNS, KDC, SERVER, NUM_BOXES };

struct row {
    const char *class; /* of the style sheet, static */
    int size;          /* of the font */
    const char *text;
};

struct box {
    struct row rows[MOST_ROWS];
    size_t num;
    const char *class; /* "", "fault", "good" */
};

struct picture {
    struct view *view;
    const struct attempt *a;
    const struct finding *f; /* may be NULL */
    const struct krb *error; /* may be NULL */
    struct box boxes[NUM_BOXES];
    const char *spn;
    const char *mark, *means, *class; /* between KDC and server */
};

static void add(struct box *box, const char *class, int size, const char *text)
{
    if (box->num < MOST_ROWS && text != NULL && text[0] != '\0')
        box->rows[box->num++] = (struct row){class, size, text};
}

static const char *address_of(struct view *view, const struct address *address, int64_t port)
{
    char room[ADDRESS_TEXT_ROOM];

    if (address->family == 0)
        return NULL;
    address_text(address, room);
    return port == 0 ? arena_print(&view->arena, "%s", room)
                     : arena_print(&view->arena, "%s port %" PRId64, room, port);
}

static void fill_client(struct picture *p)
{
    struct box *box = &p->boxes[CLIENT];

    add(box, "name", 15, "Client");
    add(box, "acct", 14, p->a->client_principal);
    add(box, "small", 13, address_of(p->view, &p->a->client, 0));
    if (p->a->asked_for != NULL) {
        add(box, "label", 12, "wanted to reach");
        add(box, "acct", 14, p->a->asked_for);
    }
}

static void fill_dns(struct picture *p)
{
    struct box *box = &p->boxes[DNS];
    const struct dns_steps *dns = &p->a->dns;
    size_t i;

    add(box, "name", 15, "DNS");
    for (i = 0; i < dns->num && i < 4; i++) {
        const struct dns_step *step = &dns->at[i];
        const char *name = or_name(step->name, "?");

        if (step->value == NULL)
            add(box, "small", 13, arena_print(&p->view->arena, "there is no %s", name));
        else
            add(box, "small", 13,
                arena_print(&p->view->arena, "%s %s %s", name,
                            step->type != NULL && strcmp(step->type, "CNAME") == 0
                                ? "is an alias of"
                                : "is",
                            step->value));
    }
    if (p->a->ptr_name != NULL)
        add(box, "small", 13,
            arena_print(&p->view->arena, "the address is called %s", p->a->ptr_name));
    if (box->num == 1)
        add(box, "label", 13, "no lookup of this name in the capture");
}

static const char *ticket_key(struct view *view, const struct ticket *ticket)
{
    const char *etype;

    if (ticket == NULL || !ticket->etype.set)
        return NULL;
    etype = krb_etype_name(ticket->etype.value);
    if (etype == NULL)
        etype = arena_print(&view->arena, "encryption type %" PRId64, ticket->etype.value);
    return ticket->kvno.set
               ? arena_print(&view->arena, "%s, key version %" PRId64, etype, ticket->kvno.value)
               : etype;
}

static const char *key_owner(const struct picture *p)
{
    if (p->f != NULL && p->f->key_owner != NULL)
        return p->f->key_owner;
    if (p->a->ticket != NULL && p->a->ticket->opened_by.num > 0)
        return p->a->ticket->opened_by.at[0].principal;
    return NULL;
}

static bool refused_by_kdc(const struct picture *p)
{
    return p->a->error != 0 && p->a->error_origin == ORIGIN_KDC;
}

static void fill_kdc(struct picture *p)
{
    struct box *box = &p->boxes[KDC];
    const struct address *kdc = p->a->tgs.kdc.family != 0 ? &p->a->tgs.kdc : &p->a->as.kdc;

    add(box, "name", 15, "KDC (domain controller)");
    add(box, "small", 13, address_of(p->view, kdc, 0));
    if (refused_by_kdc(p)) {
        box->class = "fault";
        add(box, "bad", 14, "gave no ticket");
        return;
    }
    add(box, "label", 12, "encrypted the ticket with the key of");
    add(box, "acct key1", 16, or_name(key_owner(p), "an account that is not shown"));
    if (p->f != NULL && p->f->key_owner != NULL && p->f->key_owner_expected)
        add(box, "label", 12,
            p->f->confidence == CONFIDENCE_CONFIRMED ? "as the evidence shows"
                                                     : "expected, not proven");
    add(box, "label", 12, ticket_key(p->view, p->a->ticket));
}

static void fill_server(struct picture *p)
{
    struct box *box = &p->boxes[SERVER];
    const char *tried = p->f == NULL ? NULL : p->f->tried_by;

    add(box, "name", 15, p->a->proxy ? "Proxy" : "Server");
    add(box, "small", 13, address_of(p->view, &p->a->server, p->a->server_port));
    add(box, "small", 13, p->a->server_computer);
    if (refused_by_kdc(p)) {
        add(box, "label", 13, "never saw a ticket");
        return;
    }
    if (p->a->outcome == OUTCOME_SUCCEEDED) {
        add(box, "label", 12, "opened it: it holds the same key");
        return;
    }
    if (p->a->outcome == OUTCOME_FAILED)
        box->class = "fault";
    add(box, "label", 12, "tried to open it with the key of");
    add(box, "acct key2", 16, or_name(tried, "an account that is not shown"));
}

/* What stands between the two keys. */
static void compare(struct picture *p)
{
    const char *name = p->error != NULL && p->error->error_code.set
                           ? krb_error_name(p->error->error_code.value)
                           : NULL;
    const char *owner = key_owner(p), *tried = p->f == NULL ? NULL : p->f->tried_by;

    p->class = "bad";
    if (p->a->outcome == OUTCOME_SUCCEEDED) {
        p->mark = "=";
        p->means = "the same key: the ticket was opened";
        p->class = "good";
    } else if (refused_by_kdc(p)) {
        p->mark = "\xC3\x97";
        p->means = or_name(name, "no ticket");
    } else if (p->error != NULL && p->error->error_code.value == MODIFIED) {
        p->mark = "\xE2\x89\xA0";
        p->means = owner != NULL && tried != NULL && strcasecmp(owner, tried) == 0
                       ? "one account, two different keys"
                       : "not the same key";
    } else if (p->a->outcome == OUTCOME_FAILED || p->a->outcome == OUTCOME_FELL_BACK) {
        p->mark = "\xC3\x97";
        p->means = or_name(name, or_name(p->a->ended_by, "refused"));
    } else {
        p->mark = "?";
        p->means = "how it ended is not in the capture";
        p->class = "label";
    }
}

/* ---- drawing ---- */

static void wrap_row(struct svg_lines *lines, const struct row *row, int width)
{
    svg_wrap(lines, row->text, width - 2 * PAD, row->size, 3);
}

static int box_height(const struct box *box, int width)
{
    int height = 2 * PAD - 4;
    size_t i;

    for (i = 0; i < box->num; i++) {
        struct svg_lines lines = {0};

        wrap_row(&lines, &box->rows[i], width);
        height += (int)lines.num * (box->rows[i].size + 5);
        svg_lines_clear(&lines);
    }
    return height;
}

static void put_box(struct text *out, const struct box *box, int x, int y, int width, int height)
{
    size_t i;

    text_putf(out,
              "<rect class=\"box %s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n",
              box->class == NULL ? "" : box->class, x + 1, y + 1, width - 2, height - 2);
    y += PAD - 2;
    for (i = 0; i < box->num; i++) {
        struct svg_lines lines = {0};
        int step = box->rows[i].size + 5;

        wrap_row(&lines, &box->rows[i], width);
        svg_put_lines(out, &lines, x + PAD, y + box->rows[i].size, step, box->rows[i].class,
                      "start");
        y += step * (int)lines.num;
        svg_lines_clear(&lines);
    }
}

/* The SPN and how the two keys compare, in a column of `width` from x. Returns y behind it. */
static int put_between(struct text *out, const struct picture *p, int x, int y, int width)
{
    int mark = x + 22;

    text_putf(out, "<circle class=\"ring %s\" cx=\"%d\" cy=\"%d\" r=\"15\"/>", p->class, mark,
              y + 20);
    text_putf(out, "<text class=\"mark %s\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
              p->class, mark, y + 27, p->mark);
    y = svg_put_text(out, p->spn, x + 48, y + 16, width - 48, 14, "acct", "start");
    y = svg_put_text(out, p->means, x + 48, y, width - 48, 13, p->class, "start");
    return y;
}

static int between_height(const struct picture *p, int width)
{
    struct text scratch = {0};
    int height = put_between(&scratch, p, 0, 0, width);

    text_clear(&scratch);
    return height < 44 ? 44 : height;
}

static const char *ask_dns(const struct picture *p)
{
    return p->a->asked_for == NULL ? "which address?"
                                   : arena_print(&p->view->arena, "where is %s?", p->a->asked_for);
}

static const char *ask_kdc(const struct picture *p)
{
    return p->a->tgs.request == 0 && p->a->tgs.reply == 0 && p->a->as.error == 0
               ? "not in the capture: the ticket is older"
           : p->a->error != 0 && p->a->error == p->a->as.error
               ? "asks to log on"
               : arena_print(&p->view->arena, "asks for a ticket for %s", p->spn);
}

static const char *ask_server(const struct picture *p)
{
    if (refused_by_kdc(p))
        return p->a->fallback == NULL
                   ? "has no ticket to show"
                   : arena_print(&p->view->arena, "goes on with %s", p->a->fallback);
    return arena_print(&p->view->arena, "shows the ticket for %s", p->spn);
}

/* Of the arrow to that box. */
static const char *arrow_class(const struct picture *p, int box)
{
    if (box == DNS)
        return "dns";
    if (refused_by_kdc(p))
        return box == KDC ? "fault" : "gone";
    return box == SERVER && p->a->outcome == OUTCOME_FAILED ? "fault" : "ticket";
}

static void describe(struct text *title, struct text *desc, const struct picture *p)
{
    size_t i, k;

    text_put(title, "Who holds which key");
    for (i = 0; i < NUM_BOXES; i++) {
        for (k = 0; k < p->boxes[i].num; k++)
            text_putf(desc, "%s%s", k == 0 ? "" : k == 1 ? ": " : ", ", p->boxes[i].rows[k].text);
        text_put(desc, ". ");
    }
    text_putf(desc, "Ticket for %s: %s.", p->spn, p->means);
}

/* The client at the left, the three it talks to at the right. */
static void draw_wide(struct text *out, const struct picture *p, int64_t id, const char *title,
                      const char *desc)
{
    enum { WIDTH = 760, LEFT = 200, RIGHT = 430 };
    const char *said[] = {NULL, ask_dns(p), ask_kdc(p), ask_server(p)};
    int between = between_height(p, WIDTH - RIGHT), height = 0, y = 0, i;
    int heights[NUM_BOXES];

    for (i = DNS; i < NUM_BOXES; i++) {
        heights[i] = box_height(&p->boxes[i], WIDTH - RIGHT);
        height += heights[i] + (i == DNS ? 16 : i == KDC ? between + 16 : 0);
    }
    svg_begin(out, id, "wide", WIDTH, height + 2, title, desc);
    put_box(out, &p->boxes[CLIENT], 0, 0, LEFT, height);
    for (i = DNS; i < NUM_BOXES; i++) {
        const char *class = arrow_class(p, i);
        struct svg_lines lines = {0};
        int middle = y + heights[i] / 2;

        put_box(out, &p->boxes[i], RIGHT, y, WIDTH - RIGHT, heights[i]);
        svg_wrap(&lines, said[i], RIGHT - LEFT - 30, 13, 2);
        svg_put_lines(out, &lines, (LEFT + RIGHT) / 2, middle - 8 - 17 * ((int)lines.num - 1), 17,
                      "small", "middle");
        svg_lines_clear(&lines);
        svg_put_arrow(out, LEFT + 4, middle, RIGHT - 5, middle, class);
        y += heights[i] + 16;
        if (i == KDC) {
            put_between(out, p, RIGHT, y - 10, WIDTH - RIGHT);
            y += between;
        }
    }
    text_put(out, "</svg>\n");
}

/* One below the other. */
static void draw_narrow(struct text *out, const struct picture *p, int64_t id, const char *title,
                        const char *desc)
{
    enum { WIDTH = 340, GAP = 52 };
    const char *said[] = {ask_dns(p), ask_kdc(p), ask_server(p), NULL};
    int between = between_height(p, WIDTH), y = 0, i;
    struct text body = {0};

    for (i = CLIENT; i < NUM_BOXES; i++) {
        int height = box_height(&p->boxes[i], WIDTH);

        put_box(&body, &p->boxes[i], 0, y, WIDTH, height);
        y += height;
        if (i == KDC) {
            put_between(&body, p, 0, y + 4, WIDTH);
            y += between + 4;
        }
        if (said[i] != NULL) {
            svg_put_arrow(&body, 22, y + 4, 22, y + GAP - 5, arrow_class(p, i + 1));
            svg_put_text(&body, said[i], 40, y + 22, WIDTH - 44, 13, "small", "start");
            y += GAP;
        }
    }
    svg_begin(out, id, "narrow", WIDTH, y + 2, title, desc);
    text_put(out, text_str(&body));
    text_put(out, "</svg>\n");
    text_clear(&body);
}

void html_keys(struct html_page *page, const struct view_attempt *shown,
               const struct finding *finding)
{
    struct picture p = {.view = page->view, .a = shown->attempt, .f = finding};
    struct text title = {0}, desc = {0};

    p.error = case_krb(shown->in->joined, p.a->error);
    p.spn = or_name(p.a->spn, "the service");
    fill_client(&p);
    fill_dns(&p);
    fill_kdc(&p);
    fill_server(&p);
    compare(&p);
    describe(&title, &desc, &p);
    text_put(page->out, "<div class=\"keys\">\n");
    draw_wide(page->out, &p, ++page->pictures, text_str(&title), text_str(&desc));
    draw_narrow(page->out, &p, ++page->pictures, text_str(&title), text_str(&desc));
    text_put(page->out, "</div>\n");
    text_clear(&title);
    text_clear(&desc);
}
