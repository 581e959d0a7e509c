#include "ckernelfunctions.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

// `fused` is a constant wherever this is inlined.
INLINE double multiply_add(bool fused, double a, double b, double c) {
  return fused ? __builtin_fma(a, b, c) : a * b + c;
}

// e^x for x ≤ 0 as 2^k e^r with |r| ≤ ½ ln 2, where Taylor's series to r¹³ is exact to 2⁻⁵⁷. ln 2
// is split so that k times its upper part is exact. Adding 1.5 · 2⁵² rounds to a whole number and
// leaves it in the lowest bits, from where it is added to the exponent.
INLINE double decay(bool fused, double x) {
  const double rounder = 0x1.8p52;
  x = x < -708 ? -708 : x;
  double shifted = multiply_add(fused, x, 0x1.71547652b82fep0, rounder);
  double k = shifted - rounder;
  double r = multiply_add(fused, k, -0x1.62e42feep-1, x);
  r = multiply_add(fused, k, -0x1.a39ef35793c76p-33, r);
  double tail = 1.0 / 6227020800;
  tail = multiply_add(fused, tail, r, 1.0 / 479001600);
  tail = multiply_add(fused, tail, r, 1.0 / 39916800);
  tail = multiply_add(fused, tail, r, 1.0 / 3628800);
  tail = multiply_add(fused, tail, r, 1.0 / 362880);
  tail = multiply_add(fused, tail, r, 1.0 / 40320);
  tail = multiply_add(fused, tail, r, 1.0 / 5040);
  tail = multiply_add(fused, tail, r, 1.0 / 720);
  tail = multiply_add(fused, tail, r, 1.0 / 120);
  tail = multiply_add(fused, tail, r, 1.0 / 24);
  tail = multiply_add(fused, tail, r, 1.0 / 6);
  tail = multiply_add(fused, tail, r, 0.5);
  double result = 1 + multiply_add(fused, tail * r, r, r);
  uint64_t bits, exponent;
  memcpy(&exponent, &shifted, sizeof exponent);
  memcpy(&bits, &result, sizeof bits);
  bits += exponent << 52;
  memcpy(&result, &bits, sizeof result);
  return result;
}

INLINE void squared_distances(
    bool fused, size_t count, double own, const double *restrict squares,
    double *restrict products) {
  for (size_t i = 0; i < count; i++) {
    double squared = multiply_add(fused, -2, products[i], own + squares[i]);
    products[i] = squared < 0 ? 0 : squared;
  }
}

INLINE void matern_five_halves(
    bool fused, double signal, double squared, double *covariance, double *slope) {
  double s = __builtin_elementwise_sqrt(5 * squared);
  double height = signal * decay(fused, -s);
  double line = 1 + s;
  *covariance = multiply_add(fused, s * s, 1.0 / 3, line) * height;
  *slope = 5.0 / 3 * line * height;
}

INLINE void matern_three_halves(
    bool fused, double signal, double squared, double *covariance, double *slope) {
  double s = __builtin_elementwise_sqrt(3 * squared);
  double height = signal * decay(fused, -s);
  *covariance = (1 + s) * height;
  *slope = 3 * height;
}

INLINE void squared_exponential(
    bool fused, double signal, double squared, double *covariance, double *slope) {
  *covariance = *slope = signal * decay(fused, -0.5 * squared);
}

// The loops once for each kernel, with slopes and without.
#define LOOP(kernel)                                                              \
  if (slopes) {                                                                   \
    for (size_t i = 0; i < count; i++) {                                          \
      double covariance, slope;                                                   \
      kernel(fused, signal, squared[i], &covariance, &slope);                     \
      squared[i] = covariance;                                                    \
      slopes[i] = slope;                                                          \
    }                                                                             \
  } else {                                                                        \
    for (size_t i = 0; i < count; i++) {                                          \
      double unused;                                                              \
      kernel(fused, signal, squared[i], &squared[i], &unused);                    \
    }                                                                             \
  }

INLINE void evaluate(
    bool fused, enum cairn_kernel kernel, size_t count, double signal, double *restrict squared,
    double *restrict slopes) {
  switch (kernel) {
    case CAIRN_MATERN_FIVE_HALVES: LOOP(matern_five_halves) break;
    case CAIRN_MATERN_THREE_HALVES: LOOP(matern_three_halves) break;
    case CAIRN_SQUARED_EXPONENTIAL: LOOP(squared_exponential) break;
  }
}

#if defined(__x86_64__)

// Four numbers a step where the processor can, else two.
#define WIDE __attribute__((target("avx2,fma")))

static bool is_wide(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

WIDE static void evaluate_wide(
    enum cairn_kernel kernel, size_t count, double signal, double *squared, double *slopes) {
  evaluate(true, kernel, count, signal, squared, slopes);
}

WIDE static void squared_distances_wide(
    size_t count, double own, const double *squares, double *products) {
  squared_distances(true, count, own, squares, products);
}

static const bool fused = false;

#else

static bool is_wide(void) { return false; }

static void evaluate_wide(
    enum cairn_kernel kernel, size_t count, double signal, double *squared, double *slopes) {}

static void squared_distances_wide(
    size_t count, double own, const double *squares, double *products) {}

#if defined(__aarch64__)
static const bool fused = true;
#else
static const bool fused = false;
#endif

#endif

void cairn_covariances_with_slopes(
    enum cairn_kernel kernel, size_t count, double signal, double *squared, double *slopes) {
  if (is_wide()) {
    evaluate_wide(kernel, count, signal, squared, slopes);
  } else {
    evaluate(fused, kernel, count, signal, squared, slopes);
  }
}

void cairn_covariances(enum cairn_kernel kernel, size_t count, double signal, double *squared) {
  cairn_covariances_with_slopes(kernel, count, signal, squared, NULL);
}

void cairn_squared_distances(size_t count, double own, const double *squares, double *products) {
  if (is_wide()) {
    squared_distances_wide(count, own, squares, products);
  } else {
    squared_distances(fused, count, own, squares, products);
  }
}
