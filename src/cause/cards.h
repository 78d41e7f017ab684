/* SPDX-License-Identifier: MIT */
/* Fix cards and the commands in them, filled in with names that may be hostile. */
#ifndef KRBWHY_CAUSE_CARDS_H
#define KRBWHY_CAUSE_CARDS_H

#include "cause/facts.h"
#include "cause/judgement.h"

enum { CARDS_MAX = 6 };

struct cards {
    struct arena *arena;
    const struct facts *facts;
    struct remedy at[CARDS_MAX];
    size_t num;
};

/* A new card; what it does, in words (format as printf). Never NULL: when the cards are full the
 * last one is reused. */
struct remedy *card_add(struct cards *cards, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fills {} in the pattern with the names, in order; the list ends with NULL. The result is NULL
 * when a name has characters outside [A-Za-z0-9._$:/@-] or begins with "-": such a command is not
 * offered. */
const char *command_fill(struct arena *arena, const char *pattern, const char *const *names);
#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Sets the card's command; says so in its `what` when a name is not safe to be typed. */
void card_command(struct cards *cards, struct remedy *card, const char *pattern,
                  const char *const *names);

/* "klist purge", then "klist get SPN" with the case's SPN. */
void card_verify(struct cards *cards, struct remedy *card);

/* The account to type for a computer or user: "IIS01" for "IIS01$" (setspn takes either). */
const char *card_account(struct cards *cards, const char *account);

/* The account that holds the attempt's SPN, by the files or by the key that opens the ticket; NULL
 * unknown. */
const char *card_holder(const struct cards *cards);

/* Cards that several causes share. `account` NULL: the placeholder SERVICE-ACCOUNT is used. */
void card_add_spn(struct cards *cards, const char *spn, const char *account);  /* setspn -S */
void card_move_spn(struct cards *cards, const char *spn, const char *account); /* -D, then -S */
void card_pool_credentials(struct cards *cards);
void card_purge(struct cards *cards);
void card_machine_password(struct cards *cards, const char *computer);
void card_service_password(struct cards *cards, const char *account, bool web);

/* Adds what the client (User-Agent) does by default with names, and whether what is seen fits. */
void say_rule(const struct facts *facts, struct judgement *judgement);

/* Adds what files of the client say beside the chain: its Event ID 4, its krb5.conf. */
void say_files(const struct facts *facts, struct judgement *judgement);

/* What would settle it: each adds one `missing` with its command. */
void miss_owners(const struct facts *facts, struct judgement *judgement); /* setspn, ldifde */
void miss_dns(const struct facts *facts, struct judgement *judgement);    /* flushdns, capture */
void miss_ticket(const struct facts *facts, struct judgement *judgement); /* klist purge */
void miss_server_side(const struct facts *facts, struct judgement *judgement);
void miss_iis(const struct facts *facts, struct judgement *judgement);
void miss_event_log(const struct facts *facts, struct judgement *judgement);
void miss_keytab(const struct facts *facts, struct judgement *judgement);
void miss_password(const struct facts *facts, struct judgement *judgement); /* repadmin, nltest */

#endif
