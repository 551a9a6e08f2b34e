#include "ctorch_runtime.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <cstring>
#include <exception>
#include <string>
#include <vector>

struct lode_tensor {
  at::Tensor value;
};

struct lode_generator {
  at::Generator value;
};

namespace {

thread_local std::string lastError;

/// Runs `body`; what it throws becomes text.
template <typename Body>
lode_torch_error guarded(Body &&body) {
  try {
    body();
    return nullptr;
  } catch (const c10::Error &error) {
    lastError = error.what_without_backtrace();
  } catch (const std::exception &error) {
    lastError = error.what();
  } catch (...) {
    lastError = "an exception of unknown type";
  }
  return lastError.c_str();
}

/// Runs `body` and wraps the tensor that it returns.
template <typename Body>
lode_torch_error making(lode_tensor **out, Body &&body) {
  *out = nullptr;
  return guarded([&] { *out = new lode_tensor{body()}; });
}

at::IntArrayRef shapeOf(const int64_t *shape, int32_t rank) {
  return at::IntArrayRef(shape, static_cast<size_t>(rank));
}

c10::optional<at::Tensor> optional(const lode_tensor *tensor) {
  if (tensor == nullptr) return c10::nullopt;
  return tensor->value;
}

template <typename Element>
lode_torch_error copied(
    const Element *values, const int64_t *shape, int32_t rank, at::ScalarType type, lode_tensor **out) {
  return making(out, [&] {
    auto tensor = at::empty(shapeOf(shape, rank), at::TensorOptions(type));
    if (tensor.numel() > 0) std::memcpy(tensor.data_ptr(), values, sizeof(Element) * tensor.numel());
    return tensor;
  });
}

template <typename Element>
lode_torch_error read(const lode_tensor *tensor, Element *values, int64_t count, at::ScalarType type) {
  return guarded([&] {
    auto plain = tensor->value.detach().to(type).contiguous();
    TORCH_CHECK(plain.numel() == count, "the tensor has ", plain.numel(), " elements, not ", count);
    if (count > 0) std::memcpy(values, plain.data_ptr(), sizeof(Element) * count);
  });
}

std::vector<at::Tensor> list(const lode_tensor *const *tensors, int count) {
  std::vector<at::Tensor> values;
  for (int index = 0; index < count; ++index) values.push_back(tensors[index]->value);
  return values;
}

at::Tensor zeroState(const at::Tensor &input, const at::Tensor &hiddenWeight) {
  TORCH_CHECK(input.dim() == 3, "a recurrent layer reads batch × time × features");
  return at::zeros({1, input.size(0), hiddenWeight.size(1)}, input.options());
}

const lode_torch_functions *makeTable() {
  static lode_torch_functions t;
  t.version = LODE_TORCH_VERSION;
  t.library_version = []() -> const char * { return TORCH_VERSION; };
  t.set_threads = [](int32_t count) { at::set_num_threads(count); };
  t.threads = []() -> int32_t { return at::get_num_threads(); };
  t.set_grad_enabled = [](bool enabled) {
    bool before = c10::GradMode::is_enabled();
    c10::GradMode::set_enabled(enabled);
    return before;
  };

  t.generator_new = [](uint64_t seed, lode_generator **out) {
    *out = nullptr;
    return guarded([&] { *out = new lode_generator{at::detail::createCPUGenerator(seed)}; });
  };
  t.generator_free = [](lode_generator *generator) { delete generator; };
  t.bernoulli = [](const lode_tensor *like, double p, lode_generator *generator, lode_tensor **out) {
    return making(out, [&] {
      return at::empty(like->value.sizes(), like->value.options().requires_grad(false))
          .bernoulli_(p, generator->value);
    });
  };

  t.tensor_free = [](lode_tensor *tensor) { delete tensor; };
  t.from_floats = [](const float *values, const int64_t *shape, int32_t rank, lode_tensor **out) {
    return copied(values, shape, rank, at::kFloat, out);
  };
  t.from_integers = [](const int64_t *values, const int64_t *shape, int32_t rank, lode_tensor **out) {
    return copied(values, shape, rank, at::kLong, out);
  };
  t.from_flags = [](const bool *values, const int64_t *shape, int32_t rank, lode_tensor **out) {
    return copied(values, shape, rank, at::kBool, out);
  };
  t.full = [](double value, const int64_t *shape, int32_t rank, lode_tensor **out) {
    return making(out, [&] { return at::full(shapeOf(shape, rank), value, at::TensorOptions(at::kFloat)); });
  };
  t.rank = [](const lode_tensor *tensor) { return static_cast<int32_t>(tensor->value.dim()); };
  t.size = [](const lode_tensor *tensor, int32_t dimension) -> int64_t { return tensor->value.sizes()[dimension]; };
  t.scalar_type = [](const lode_tensor *tensor) {
    switch (tensor->value.scalar_type()) {
      case at::kFloat: return lode_float32;
      case at::kLong: return lode_int64;
      case at::kBool: return lode_bool;
      default: return lode_other_type;
    }
  };
  t.read_floats = [](const lode_tensor *tensor, float *values, int64_t count) {
    return read(tensor, values, count, at::kFloat);
  };
  t.read_integers = [](const lode_tensor *tensor, int64_t *values, int64_t count) {
    return read(tensor, values, count, at::kLong);
  };
  t.float_data = [](const lode_tensor *tensor) -> float * {
    const auto &value = tensor->value;
    if (value.scalar_type() != at::kFloat || !value.is_contiguous()) return nullptr;
    return static_cast<float *>(value.data_ptr());
  };

  t.set_requires_grad = [](lode_tensor *tensor, bool required) {
    return guarded([&] { tensor->value.set_requires_grad(required); });
  };
  t.requires_grad = [](const lode_tensor *tensor) { return tensor->value.requires_grad(); };
  t.backward = [](const lode_tensor *tensor) { return guarded([&] { tensor->value.backward(); }); };
  t.grad = [](const lode_tensor *tensor, lode_tensor **out) {
    *out = nullptr;
    return guarded([&] {
      const auto &grad = tensor->value.grad();
      if (grad.defined()) *out = new lode_tensor{grad};
    });
  };
  t.clear_grad = [](lode_tensor *tensor) { tensor->value.mutable_grad().reset(); };
  t.detach = [](const lode_tensor *tensor, lode_tensor **out) {
    return making(out, [&] { return tensor->value.detach(); });
  };

  t.add = [](const lode_tensor *a, const lode_tensor *b, double factor, lode_tensor **out) {
    return making(out, [&] { return at::add(a->value, b->value, factor); });
  };
  t.multiply = [](const lode_tensor *a, const lode_tensor *b, lode_tensor **out) {
    return making(out, [&] { return at::mul(a->value, b->value); });
  };
  t.divide = [](const lode_tensor *a, const lode_tensor *b, lode_tensor **out) {
    return making(out, [&] { return at::div(a->value, b->value); });
  };
  t.scale = [](const lode_tensor *a, double factor, double offset, lode_tensor **out) {
    return making(out, [&] {
      auto result = factor == 1 ? a->value : at::mul(a->value, factor);
      return offset == 0 ? result : at::add(result, offset);
    });
  };
  t.power = [](const lode_tensor *a, double exponent, lode_tensor **out) {
    return making(out, [&] { return at::pow(a->value, exponent); });
  };
  t.exponential = [](const lode_tensor *a, lode_tensor **out) { return making(out, [&] { return at::exp(a->value); }); };
  t.logarithm = [](const lode_tensor *a, lode_tensor **out) { return making(out, [&] { return at::log(a->value); }); };
  t.sigmoid = [](const lode_tensor *a, lode_tensor **out) { return making(out, [&] { return at::sigmoid(a->value); }); };
  t.log_sigmoid = [](const lode_tensor *a, lode_tensor **out) {
    return making(out, [&] { return at::log_sigmoid(a->value); });
  };
  t.hyperbolic_tangent = [](const lode_tensor *a, lode_tensor **out) {
    return making(out, [&] { return at::tanh(a->value); });
  };
  t.relu = [](const lode_tensor *a, lode_tensor **out) { return making(out, [&] { return at::relu(a->value); }); };
  t.gelu = [](const lode_tensor *a, lode_tensor **out) { return making(out, [&] { return at::gelu(a->value); }); };
  t.masked_fill = [](const lode_tensor *a, const lode_tensor *mask, double value, lode_tensor **out) {
    return making(out, [&] { return at::masked_fill(a->value, mask->value, value); });
  };

  t.sum = [](const lode_tensor *a, lode_tensor **out) { return making(out, [&] { return at::sum(a->value); }); };
  t.mean = [](const lode_tensor *a, lode_tensor **out) { return making(out, [&] { return at::mean(a->value); }); };
  t.sum_along = [](const lode_tensor *a, int64_t dimension, bool keep, lode_tensor **out) {
    return making(out, [&] { return at::sum(a->value, at::IntArrayRef(&dimension, 1), keep); });
  };
  t.softmax = [](const lode_tensor *a, int64_t dimension, lode_tensor **out) {
    return making(out, [&] { return at::softmax(a->value, dimension); });
  };
  t.log_softmax = [](const lode_tensor *a, int64_t dimension, lode_tensor **out) {
    return making(out, [&] { return at::log_softmax(a->value, dimension); });
  };

  t.reshape = [](const lode_tensor *a, const int64_t *shape, int32_t rank, lode_tensor **out) {
    return making(out, [&] { return at::reshape(a->value, shapeOf(shape, rank)); });
  };
  t.transpose = [](const lode_tensor *a, int64_t first, int64_t second, lode_tensor **out) {
    return making(out, [&] { return at::transpose(a->value, first, second); });
  };
  t.slice = [](const lode_tensor *a, int64_t dimension, int64_t start, int64_t end, lode_tensor **out) {
    return making(out, [&] { return at::narrow(a->value, dimension, start, end - start); });
  };
  t.concatenate = [](const lode_tensor *const *tensors, int32_t count, int64_t dimension, lode_tensor **out) {
    return making(out, [&] { return at::cat(list(tensors, count), dimension); });
  };
  t.index_select = [](const lode_tensor *a, int64_t dimension, const lode_tensor *index, lode_tensor **out) {
    return making(out, [&] { return at::index_select(a->value, dimension, index->value); });
  };
  t.gather = [](const lode_tensor *a, int64_t dimension, const lode_tensor *index, lode_tensor **out) {
    return making(out, [&] { return at::gather(a->value, dimension, index->value); });
  };

  t.matmul = [](const lode_tensor *a, const lode_tensor *b, lode_tensor **out) {
    return making(out, [&] { return at::matmul(a->value, b->value); });
  };
  t.linear = [](const lode_tensor *input, const lode_tensor *weight, const lode_tensor *bias, lode_tensor **out) {
    return making(out, [&] { return at::linear(input->value, weight->value, optional(bias)); });
  };
  t.embedding = [](const lode_tensor *weight, const lode_tensor *index, int64_t padding, lode_tensor **out) {
    return making(out, [&] { return at::embedding(weight->value, index->value, padding); });
  };
  t.layer_norm = [](const lode_tensor *input, int64_t size, const lode_tensor *weight, const lode_tensor *bias,
                    double epsilon, lode_tensor **out) {
    return making(out, [&] {
      return at::layer_norm(input->value, at::IntArrayRef(&size, 1), optional(weight), optional(bias), epsilon);
    });
  };
  t.conv1d = [](const lode_tensor *input, const lode_tensor *weight, const lode_tensor *bias, int64_t stride,
                int64_t padding, int64_t dilation, lode_tensor **out) {
    return making(out, [&] {
      return at::conv1d(input->value, weight->value, optional(bias), stride, padding, dilation);
    });
  };
  t.conv2d = [](const lode_tensor *input, const lode_tensor *weight, const lode_tensor *bias, int64_t stride,
                int64_t padding, int64_t dilation, lode_tensor **out) {
    return making(out, [&] {
      return at::conv2d(input->value, weight->value, optional(bias), stride, padding, dilation);
    });
  };
  t.max_pool2d = [](const lode_tensor *input, int64_t size, int64_t stride, lode_tensor **out) {
    return making(out, [&] { return at::max_pool2d(input->value, {size, size}, {stride, stride}); });
  };
  t.lstm = [](const lode_tensor *input, const lode_tensor *const *weights, lode_tensor **out) {
    return making(out, [&] {
      auto state = zeroState(input->value, weights[1]->value);
      auto parts = at::lstm(input->value, {state, state}, list(weights, 4), true, 1, 0, false, false, true);
      return std::get<0>(parts);
    });
  };
  t.gru = [](const lode_tensor *input, const lode_tensor *const *weights, lode_tensor **out) {
    return making(out, [&] {
      auto state = zeroState(input->value, weights[1]->value);
      return std::get<0>(at::gru(input->value, state, list(weights, 4), true, 1, 0, false, false, true));
    });
  };

  t.cross_entropy = [](const lode_tensor *logits, const lode_tensor *target, int64_t ignored, double smoothing,
                       lode_tensor **out) {
    return making(out, [&] {
      return at::cross_entropy_loss(logits->value, target->value, {}, at::Reduction::Mean, ignored, smoothing);
    });
  };
  t.binary_cross_entropy = [](const lode_tensor *logits, const lode_tensor *target, const lode_tensor *weights,
                              lode_tensor **out) {
    return making(out, [&] {
      return at::binary_cross_entropy_with_logits(
          logits->value, target->value, optional(weights), {}, at::Reduction::Mean);
    });
  };
  return &t;
}

}  // namespace

const lode_torch_functions *lode_torch_table(void) {
  static const lode_torch_functions *table = makeTable();
  return table;
}
