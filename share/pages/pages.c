/* SPDX-License-Identifier: MIT */
/* pages man | json SCHEMA | bash | zsh | fish: prints it. The date of the pages is that of
 * SOURCE_DATE_EPOCH, seconds since 1970 in UTC, or KRBWHY_DATE. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pages.h"

static bool date_of(char *out, size_t room)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    char *end = NULL;
    time_t at;
    struct tm day;

    if (epoch == NULL) {
        snprintf(out, room, "%s", KRBWHY_DATE);
        return true;
    }
    errno = 0;
    at = (time_t)strtoll(epoch, &end, 10);
    return errno == 0 && end != epoch && *end == '\0' && gmtime_r(&at, &day) != NULL &&
           strftime(out, room, "%Y-%m-%d", &day) > 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    struct text out = {0};
    char date[32];
    bool good = true;

    if (!date_of(date, sizeof(date))) {
        fputs("pages: SOURCE_DATE_EPOCH is no number of seconds\n", stderr);
        return 2;
    }
    if (strcmp(what, "man") == 0)
        page_man(&out, date);
    else if (strcmp(what, "json") == 0 && argc > 2)
        good = page_json(&out, date, argv[2]);
    else if (strcmp(what, "bash") == 0)
        page_bash(&out);
    else if (strcmp(what, "zsh") == 0)
        page_zsh(&out);
    else if (strcmp(what, "fish") == 0)
        page_fish(&out);
    else
        good = false;
    if (!good || fwrite(text_str(&out), 1, out.len, stdout) != out.len || fflush(stdout) != 0) {
        fputs("pages: cannot make the page\n", stderr);
        return 2;
    }
    text_clear(&out);
    return 0;
}
