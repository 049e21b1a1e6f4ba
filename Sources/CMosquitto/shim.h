// libmosquitto, the client library of Eclipse Mosquitto, and what wakes a thread that waits for it.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mosquitto.h>

// A descriptor that can be read from once it was written to; negative when the system has none left.
static inline int toposync_wake_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline void toposync_wake_raise(int descriptor) {
    uint64_t one = 1;
    // Full means that it is raised already.
    if (write(descriptor, &one, sizeof one) < 0) return;
}

static inline void toposync_wake_clear(int descriptor) {
    uint64_t count;
    if (read(descriptor, &count, sizeof count) < 0) return;
}

static inline void toposync_wake_close(int descriptor) { close(descriptor); }
