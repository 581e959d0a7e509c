// OpenBLAS, found when it is first needed: a program that never fits a model starts no slower
// for it.
//
// Matrices are row-major, `stride` elements from one row to the next. Of symmetric and triangular
// ones the lower triangle is read and written, the rest is left alone.
#pragma once
#include <stdbool.h>

/// Loads libopenblas.so.0 and sets it to one thread, once; later calls return what the first did.
/// Nothing else here may be called before it returned NULL.
///
/// Returns why it could not, as text that lives for ever.
const char *cairn_blas_open(void);

/// The kernels that OpenBLAS chose for this processor, such as "Haswell".
const char *cairn_blas_core_name(void);

/// How many threads it may use.
int cairn_blas_thread_count(void);

/// Factors the symmetric `a` (n × n) into L Lᵀ, in place. Returns 0, or the row (from 1) at which
/// it is not positive definite.
int cairn_blas_potrf(int n, double *a, int stride);

/// Replaces L by the inverse of L Lᵀ.
void cairn_blas_potri(int n, double *l, int stride);

/// x := L⁻¹ x, or L⁻ᵀ x.
void cairn_blas_trsv(bool transposed, int n, const double *l, int stride, double *x);

/// X := X L⁻ᵀ, of m rows: each row x becomes L⁻¹ x.
void cairn_blas_trsm(int m, int n, const double *l, int stride, double *x, int xstride);

/// y := A x, or Aᵀ x, for A of m × n.
void cairn_blas_gemv(
    bool transposed, int m, int n, const double *a, int stride, const double *x, double *y);

/// C := A Bᵀ, for A of m × k and B of n × k.
void cairn_blas_gemm(
    int m, int n, int k, const double *a, int astride, const double *b, int bstride, double *c,
    int cstride);

/// The sum of x[i] y[i].
double cairn_blas_dot(int n, const double *x, const double *y);
