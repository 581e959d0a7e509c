// XXH64, the checksum of every structure in a store.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The 64-bit xxHash of `count` bytes under `seed`.
///
/// Source: Y. Collet, "xxHash fast digest algorithm", XXH64,
/// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
uint64_t cairn_xxh64(const uint8_t *bytes, size_t count, uint64_t seed);
