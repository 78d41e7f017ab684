/* SPDX-License-Identifier: MIT */
#include "cli/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/memory.h"

static void add_file(struct inputs *inputs, const char *path, size_t folder)
{
    if (inputs->num == inputs->room) {
        inputs->room = inputs->room == 0 ? 16 : inputs->room * 2;
        inputs->at = memory_grow(inputs->at, inputs->room, sizeof(*inputs->at));
    }
    inputs->at[inputs->num++] = (struct input){.path = path, .folder = folder};
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Byte order, whatever the locale: alphasort would use strcoll. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void walk(struct inputs *inputs, const char *folder, int depth,
                 void (*warn)(const char *, const char *))
{
    struct dirent **entries;
    int num = scandir(folder, &entries, visible, by_bytes), i, pass;
    size_t number = ++inputs->folders;

    if (num < 0) {
        warn(folder, arena_print(&inputs->arena, "cannot be opened: %s", strerror(errno)));
        return;
    }
    for (pass = 0; pass < 2; pass++) {
        for (i = 0; i < num; i++) {
            const char *path = arena_print(&inputs->arena, "%s/%s", folder, entries[i]->d_name);
            struct stat link, target;

            if (lstat(path, &link) != 0 || stat(path, &target) != 0)
                continue;
            if (pass == 0 && S_ISREG(target.st_mode))
                add_file(inputs, path, number);
            else if (pass == 1 && S_ISDIR(link.st_mode) && depth < LIMIT_FOLDER_DEPTH)
                walk(inputs, path, depth + 1, warn);
            else if (pass == 1 && S_ISDIR(link.st_mode))
                warn(path, "folders are nested too deeply; name this one to have it read");
        }
    }
    for (i = 0; i < num; i++)
        free(entries[i]);
    free(entries);
}

void inputs_add(struct inputs *inputs, const char *path, void (*warn)(const char *, const char *))
{
    struct stat stat_of;
    size_t len = strlen(path);

    if (stat(path, &stat_of) != 0 || !S_ISDIR(stat_of.st_mode)) {
        add_file(inputs, path, 0);
        return;
    }
    while (len > 1 && path[len - 1] == '/')
        len--;
    walk(inputs, arena_print(&inputs->arena, "%.*s", (int)len, path), 0, warn);
}

void inputs_clear(struct inputs *inputs)
{
    arena_clear(&inputs->arena);
    memory_drop(inputs->at);
    memset(inputs, 0, sizeof(*inputs));
}
