#include "cxxhash.h"

// The names follow the specification: four accumulators take a stripe of 32 bytes at a time,
// are merged into one, and the rest is mixed in by 8, 4 and 1 bytes.

static const uint64_t prime1 = 0x9E3779B185EBCA87ULL;
static const uint64_t prime2 = 0xC2B2AE3D27D4EB4FULL;
static const uint64_t prime3 = 0x165667B19E3779F9ULL;
static const uint64_t prime4 = 0x85EBCA77C2B2AE63ULL;
static const uint64_t prime5 = 0x27D4EB2F165667C5ULL;

static inline uint64_t rotate(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

static inline uint64_t read64(const uint8_t *p) {
  uint64_t x;
  __builtin_memcpy(&x, p, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  x = __builtin_bswap64(x);
#endif
  return x;
}

static inline uint32_t read32(const uint8_t *p) {
  uint32_t x;
  __builtin_memcpy(&x, p, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  x = __builtin_bswap32(x);
#endif
  return x;
}

static inline uint64_t accumulate(uint64_t accumulator, uint64_t lane) {
  return rotate(accumulator + lane * prime2, 31) * prime1;
}

static inline uint64_t merge(uint64_t hash, uint64_t accumulator) {
  return (hash ^ accumulate(0, accumulator)) * prime1 + prime4;
}

uint64_t cairn_xxh64(const uint8_t *bytes, size_t count, uint64_t seed) {
  const uint8_t *p = bytes;
  size_t left = count;
  uint64_t hash;
  if (left >= 32) {
    uint64_t a = seed + prime1 + prime2, b = seed + prime2, c = seed, d = seed - prime1;
    for (; left >= 32; p += 32, left -= 32) {
      a = accumulate(a, read64(p));
      b = accumulate(b, read64(p + 8));
      c = accumulate(c, read64(p + 16));
      d = accumulate(d, read64(p + 24));
    }
    hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
    hash = merge(merge(merge(merge(hash, a), b), c), d);
  } else {
    hash = seed + prime5;
  }
  hash += count;
  for (; left >= 8; p += 8, left -= 8)
    hash = rotate(hash ^ accumulate(0, read64(p)), 27) * prime1 + prime4;
  if (left >= 4) {
    hash = rotate(hash ^ (read32(p) * prime1), 23) * prime2 + prime3;
    p += 4, left -= 4;
  }
  for (; left > 0; p++, left--) hash = rotate(hash ^ (*p * prime5), 11) * prime1;
  hash = (hash ^ (hash >> 33)) * prime2;
  hash = (hash ^ (hash >> 29)) * prime3;
  return hash ^ (hash >> 32);
}
