#ifndef LODE_CTORCH_H
#define LODE_CTORCH_H

// libtorch behind a table of C functions.
//
// The table is filled by another library, liblode-torch.so (target CTorchRuntime), which is opened when a network is
// first needed: libtorch takes about a second and 130 MB to load, which a program that trains nothing should not pay.

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The layout of `lode_torch_functions`; both libraries must agree on it.
#define LODE_TORCH_VERSION 1

/// A tensor, owned by whoever got it from a function and given back to `tensor_free`.
typedef struct lode_tensor lode_tensor;
/// A source of random numbers with a seed of its own.
typedef struct lode_generator lode_generator;
/// Null, or what went wrong: text that stays until the thread's next call.
typedef const char *lode_torch_error;

typedef enum { lode_float32 = 0, lode_int64 = 1, lode_bool = 2, lode_other_type = 3 } lode_scalar_type;

typedef struct lode_torch_functions {
  int32_t version;
  const char *(*library_version)(void);
  void (*set_threads)(int32_t count);
  int32_t (*threads)(void);
  /// Switches the recording of gradients on this thread and returns what it was.
  bool (*set_grad_enabled)(bool enabled);

  lode_torch_error (*generator_new)(uint64_t seed, lode_generator **out);
  void (*generator_free)(lode_generator *generator);
  /// A tensor of the shape of `like`, each element 1 with probability `p` and else 0.
  lode_torch_error (*bernoulli)(const lode_tensor *like, double p, lode_generator *generator, lode_tensor **out);

  // Making, looking into and freeing.
  void (*tensor_free)(lode_tensor *tensor);
  lode_torch_error (*from_floats)(const float *values, const int64_t *shape, int32_t rank, lode_tensor **out);
  lode_torch_error (*from_integers)(const int64_t *values, const int64_t *shape, int32_t rank, lode_tensor **out);
  lode_torch_error (*from_flags)(const bool *values, const int64_t *shape, int32_t rank, lode_tensor **out);
  lode_torch_error (*full)(double value, const int64_t *shape, int32_t rank, lode_tensor **out);
  int32_t (*rank)(const lode_tensor *tensor);
  int64_t (*size)(const lode_tensor *tensor, int32_t dimension);
  lode_scalar_type (*scalar_type)(const lode_tensor *tensor);
  lode_torch_error (*read_floats)(const lode_tensor *tensor, float *values, int64_t count);
  lode_torch_error (*read_integers)(const lode_tensor *tensor, int64_t *values, int64_t count);
  /// The elements in memory; null unless they are floats that lie one after the other.
  float *(*float_data)(const lode_tensor *tensor);

  // Gradients.
  lode_torch_error (*set_requires_grad)(lode_tensor *tensor, bool required);
  bool (*requires_grad)(const lode_tensor *tensor);
  lode_torch_error (*backward)(const lode_tensor *tensor);
  /// Null in `out` where there is no gradient.
  lode_torch_error (*grad)(const lode_tensor *tensor, lode_tensor **out);
  void (*clear_grad)(lode_tensor *tensor);
  lode_torch_error (*detach)(const lode_tensor *tensor, lode_tensor **out);

  // Arithmetic, element by element with broadcasting.
  lode_torch_error (*add)(const lode_tensor *a, const lode_tensor *b, double factor, lode_tensor **out);
  lode_torch_error (*multiply)(const lode_tensor *a, const lode_tensor *b, lode_tensor **out);
  lode_torch_error (*divide)(const lode_tensor *a, const lode_tensor *b, lode_tensor **out);
  lode_torch_error (*scale)(const lode_tensor *a, double factor, double offset, lode_tensor **out);
  lode_torch_error (*power)(const lode_tensor *a, double exponent, lode_tensor **out);
  lode_torch_error (*exponential)(const lode_tensor *a, lode_tensor **out);
  lode_torch_error (*logarithm)(const lode_tensor *a, lode_tensor **out);
  lode_torch_error (*sigmoid)(const lode_tensor *a, lode_tensor **out);
  lode_torch_error (*log_sigmoid)(const lode_tensor *a, lode_tensor **out);
  lode_torch_error (*hyperbolic_tangent)(const lode_tensor *a, lode_tensor **out);
  lode_torch_error (*relu)(const lode_tensor *a, lode_tensor **out);
  lode_torch_error (*gelu)(const lode_tensor *a, lode_tensor **out);
  lode_torch_error (*masked_fill)(const lode_tensor *a, const lode_tensor *mask, double value, lode_tensor **out);

  // Along dimensions.
  lode_torch_error (*sum)(const lode_tensor *a, lode_tensor **out);
  lode_torch_error (*mean)(const lode_tensor *a, lode_tensor **out);
  lode_torch_error (*sum_along)(const lode_tensor *a, int64_t dimension, bool keep, lode_tensor **out);
  lode_torch_error (*softmax)(const lode_tensor *a, int64_t dimension, lode_tensor **out);
  lode_torch_error (*log_softmax)(const lode_tensor *a, int64_t dimension, lode_tensor **out);

  // Shapes.
  lode_torch_error (*reshape)(const lode_tensor *a, const int64_t *shape, int32_t rank, lode_tensor **out);
  lode_torch_error (*transpose)(const lode_tensor *a, int64_t first, int64_t second, lode_tensor **out);
  lode_torch_error (*slice)(
      const lode_tensor *a, int64_t dimension, int64_t start, int64_t end, lode_tensor **out);
  lode_torch_error (*concatenate)(
      const lode_tensor *const *tensors, int32_t count, int64_t dimension, lode_tensor **out);
  lode_torch_error (*index_select)(
      const lode_tensor *a, int64_t dimension, const lode_tensor *index, lode_tensor **out);
  lode_torch_error (*gather)(const lode_tensor *a, int64_t dimension, const lode_tensor *index, lode_tensor **out);

  // Layers; `bias`, `weight` of a norm and `weights` of a loss may be null.
  lode_torch_error (*matmul)(const lode_tensor *a, const lode_tensor *b, lode_tensor **out);
  lode_torch_error (*linear)(
      const lode_tensor *input, const lode_tensor *weight, const lode_tensor *bias, lode_tensor **out);
  lode_torch_error (*embedding)(
      const lode_tensor *weight, const lode_tensor *index, int64_t padding, lode_tensor **out);
  lode_torch_error (*layer_norm)(
      const lode_tensor *input, int64_t size, const lode_tensor *weight, const lode_tensor *bias, double epsilon,
      lode_tensor **out);
  lode_torch_error (*conv1d)(
      const lode_tensor *input, const lode_tensor *weight, const lode_tensor *bias, int64_t stride,
      int64_t padding, int64_t dilation, lode_tensor **out);
  lode_torch_error (*conv2d)(
      const lode_tensor *input, const lode_tensor *weight, const lode_tensor *bias, int64_t stride,
      int64_t padding, int64_t dilation, lode_tensor **out);
  lode_torch_error (*max_pool2d)(const lode_tensor *input, int64_t size, int64_t stride, lode_tensor **out);
  /// One layer, batch first, from a state of zeros; `weights` are input, hidden, input bias, hidden bias.
  lode_torch_error (*lstm)(const lode_tensor *input, const lode_tensor *const *weights, lode_tensor **out);
  lode_torch_error (*gru)(const lode_tensor *input, const lode_tensor *const *weights, lode_tensor **out);

  // Losses, as means.
  lode_torch_error (*cross_entropy)(
      const lode_tensor *logits, const lode_tensor *target, int64_t ignored, double smoothing, lode_tensor **out);
  lode_torch_error (*binary_cross_entropy)(
      const lode_tensor *logits, const lode_tensor *target, const lode_tensor *weights, lode_tensor **out);
} lode_torch_functions;

/// The symbol that liblode-torch.so exports.
typedef const lode_torch_functions *(*lode_torch_entry)(void);
#define LODE_TORCH_ENTRY "lode_torch_table"

/// Opens the library at `path` and returns its table; null with a reason when it cannot be opened or does not fit.
const lode_torch_functions *lode_torch_open(const char *path, char *reason, int32_t capacity);

#ifdef __cplusplus
}
#endif

#endif
