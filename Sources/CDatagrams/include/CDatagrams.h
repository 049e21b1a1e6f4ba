// UDP sockets, as far as their control messages and macros keep Swift from it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

// Opens a UDP socket at an address; one of IPv6 takes IPv4 as well.
// Returns its descriptor, or an error number below zero.
int toposync_open_datagrams(const struct sockaddr *address, socklen_t address_size);

// Opens a UDP socket that sends to multicast groups from an address of this machine, on the interface that has it. What comes to
// it is not meant to be read, and hardly any of it is kept.
//
// The groups are of the family of `source`, whose port is 0; `interface_index` is the number of its interface, which IPv6 needs;
// `time_to_live` is the number of networks that packets cross, the first included.
// Returns its descriptor, or an error number below zero.
int toposync_open_multicast(
    const struct sockaddr *source, socklen_t source_size, unsigned int interface_index, uint8_t time_to_live, int send_buffer);

// The address of this machine from which packets to an IPv4 address leave, both in the byte order of this machine, or an error
// number below zero.
int64_t toposync_source_of(uint32_t destination);

// Another descriptor of the same socket, or an error number below zero.
int toposync_duplicate(int descriptor);

void toposync_close(int descriptor);

// Sends packets of `packet_size` bytes, of which one begins every `stride` bytes; the last one may be shorter. There are at most 64.
//
// With `segmented` they go through the system as one and are cut apart as late as possible, at best by the network card
// (UDP_SEGMENT); without, each goes on its own, by one system call.
//
// Returns the bytes of the packets that were taken, or an error number below zero when none was.
long toposync_send_datagrams(
    int descriptor, const struct sockaddr *address, socklen_t address_size, const void *bytes, size_t byte_count,
    uint16_t packet_size, size_t stride, bool segmented);
