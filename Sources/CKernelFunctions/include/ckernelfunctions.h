// Covariance functions of many distances at once, with the widest instructions that the processor
// has: models spend most of their time in square roots and exponentials, which the C library
// computes one by one.
//
// A number's result does not depend on where among the others it stands, nor on how many there are.
// Between processors with and without fused multiplication the last bits differ.
#pragma once
#include <stddef.h>

/// Puts |a − b|² in place of each of `count` products a·b, for one a and as many b: |a|² is `own`,
/// each |b|² one of `squares`.
void cairn_squared_distances(
    size_t count, double own, const double *squares, double *products);

/// A kernel ρ(r²), by its number in `KernelFamily`.
enum cairn_kernel {
  CAIRN_MATERN_FIVE_HALVES = 0,
  CAIRN_MATERN_THREE_HALVES = 1,
  CAIRN_SQUARED_EXPONENTIAL = 2
};

/// Puts `signal` ρ(r²) in place of each of `count` numbers r², which are not negative. Exponentials
/// are exact to 1 ulp; what is below e^−708 counts as e^−708.
void cairn_covariances(enum cairn_kernel kernel, size_t count, double signal, double *squared);

/// The same, and sets each slope to `signal` g with g = −2 ∂ρ/∂(r²). The arrays do not overlap.
void cairn_covariances_with_slopes(
    enum cairn_kernel kernel, size_t count, double signal, double *squared, double *slopes);
