#include "copenblas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

// CBLAS's enumerations: row-major order, and so on.
enum {
  ROW_MAJOR = 101,
  PLAIN = 111,
  TRANSPOSED = 112,
  LOWER = 122,
  NON_UNIT = 131,
  LEFT = 141,
  RIGHT = 142
};

static struct {
  void (*set_num_threads)(int);
  int (*get_num_threads)(void);
  char *(*get_corename)(void);
  void (*dpotrf)(const char *, const int *, double *, const int *, int *);
  void (*dtrtri)(const char *, const char *, const int *, double *, const int *, int *);
  void (*dlauum)(const char *, const int *, double *, const int *, int *);
  void (*dtrsv)(int, int, int, int, int, const double *, int, double *, int);
  void (*dtrsm)(
      int, int, int, int, int, int, int, double, const double *, int, double *, int);
  void (*dgemv)(
      int, int, int, int, double, const double *, int, const double *, int, double, double *, int);
  void (*dgemm)(
      int, int, int, int, int, int, double, const double *, int, const double *, int, double,
      double *, int);
  double (*ddot)(int, const double *, int, const double *, int);
} blas;

static char failure[512];

static bool find(void *library, const char *name, void *place) {
  void *symbol = dlsym(library, name);
  if (!symbol) {
    snprintf(failure, sizeof failure, "libopenblas.so.0 lacks %s", name);
    return false;
  }
  *(void **)place = symbol;
  return true;
}

static void load(void) {
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    snprintf(failure, sizeof failure, "%s", reason ? reason : "dlopen failed");
    return;
  }
  bool is_whole =
      find(library, "openblas_set_num_threads", &blas.set_num_threads)
      && find(library, "openblas_get_num_threads", &blas.get_num_threads)
      && find(library, "openblas_get_corename", &blas.get_corename)
      && find(library, "dpotrf_", &blas.dpotrf) && find(library, "dtrtri_", &blas.dtrtri)
      && find(library, "dlauum_", &blas.dlauum)
      && find(library, "cblas_dtrsv", &blas.dtrsv) && find(library, "cblas_dtrsm", &blas.dtrsm)
      && find(library, "cblas_dgemv", &blas.dgemv) && find(library, "cblas_dgemm", &blas.dgemm)
      && find(library, "cblas_ddot", &blas.ddot);
  // The last bits of a result depend on how many threads shared the work.
  if (is_whole) blas.set_num_threads(1);
}

const char *cairn_blas_open(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return failure[0] ? failure : NULL;
}

const char *cairn_blas_core_name(void) { return blas.get_corename(); }

int cairn_blas_thread_count(void) { return blas.get_num_threads(); }

// The lower triangle by rows is the upper one by columns, which is how LAPACK reads.

int cairn_blas_potrf(int n, double *a, int stride) {
  int info = 0;
  blas.dpotrf("U", &n, a, &stride, &info);
  return info;
}

// [A 0; B C]⁻¹ = [A⁻¹ 0; −C⁻¹BA⁻¹ C⁻¹]: dtrtri, and with it dpotri, goes column by column up to
// sizes at which products of blocks take half the time.
static void invert_triangle(int n, double *l, int stride) {
  if (n <= 32) {
    int info = 0;
    blas.dtrtri("U", "N", &n, l, &stride, &info);
    return;
  }
  int half = n / 2, rest = n - half;
  double *below = l + (size_t)half * stride, *corner = below + half;
  blas.dtrsm(
      ROW_MAJOR, LEFT, LOWER, PLAIN, NON_UNIT, rest, half, -1, corner, stride, below, stride);
  blas.dtrsm(ROW_MAJOR, RIGHT, LOWER, PLAIN, NON_UNIT, rest, half, 1, l, stride, below, stride);
  invert_triangle(half, l, stride);
  invert_triangle(rest, corner, stride);
}

void cairn_blas_potri(int n, double *l, int stride) {
  int info = 0;
  invert_triangle(n, l, stride);
  blas.dlauum("U", &n, l, &stride, &info);
}

void cairn_blas_trsv(bool transposed, int n, const double *l, int stride, double *x) {
  blas.dtrsv(
      ROW_MAJOR, LOWER, transposed ? TRANSPOSED : PLAIN, NON_UNIT, n, l, stride, x, 1);
}

void cairn_blas_trsm(int m, int n, const double *l, int stride, double *x, int xstride) {
  blas.dtrsm(
      ROW_MAJOR, RIGHT, LOWER, TRANSPOSED, NON_UNIT, m, n, 1, l, stride, x, xstride);
}

void cairn_blas_gemv(
    bool transposed, int m, int n, const double *a, int stride, const double *x, double *y) {
  blas.dgemv(ROW_MAJOR, transposed ? TRANSPOSED : PLAIN, m, n, 1, a, stride, x, 1, 0, y, 1);
}

void cairn_blas_gemm(
    int m, int n, int k, const double *a, int astride, const double *b, int bstride, double *c,
    int cstride) {
  blas.dgemm(
      ROW_MAJOR, PLAIN, TRANSPOSED, m, n, k, 1, a, astride, b, bstride, 0, c, cstride);
}

double cairn_blas_dot(int n, const double *x, const double *y) {
  return blas.ddot(n, x, 1, y, 1);
}
