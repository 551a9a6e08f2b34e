import CTorch

/// What a network is trained to make small; all are means over the cases.
public enum Losses {
  /// −log of the share that softmax gives the right class.
  ///
  /// - Parameters:
  ///   - logits: cases × classes.
  ///   - target: the right class of each case, Int64.
  ///   - smoothing: the share of the target that is spread over all classes.
  public static func crossEntropy(_ logits: Tensor, target: Tensor, smoothing: Double = 0) throws -> Tensor {
    try Tensor.make("crossEntropy") {
      $0.pointee.cross_entropy(logits.handle, target.handle, -100, smoothing, &$1)
    }
  }

  /// −log of the probability, by the sigmoid, of what came true.
  ///
  /// - Parameters:
  ///   - logits: any shape.
  ///   - target: 0 to 1, of the same shape.
  ///   - weights: how much each case counts; nil counts all alike.
  public static func binaryCrossEntropy(
    _ logits: Tensor, target: Tensor, weights: Tensor? = nil
  ) throws -> Tensor {
    try Tensor.make("binaryCrossEntropy") {
      $0.pointee.binary_cross_entropy(logits.handle, target.handle, weights?.handle, &$1)
    }
  }

  /// Bayesian personalised ranking: −log σ(positive − negative).
  ///
  /// Source: Rendle et al. (2009), https://arxiv.org/abs/1205.2618
  public static func bayesianRanking(positive: Tensor, negative: Tensor) throws -> Tensor {
    try -((positive - negative).logSigmoid().mean())
  }

  /// Softmax over the right class and a sample of the others, which all cases share.
  ///
  /// With each negative's logit corrected by its expected number among the sample it estimates the full softmax.
  /// Source: Jean et al. (2015), https://doi.org/10.3115/v1/P15-1001
  /// - Parameters:
  ///   - positive: the right class's logit of each case, of rank one.
  ///   - negatives: the sampled classes' logits, cases × samples.
  ///   - hits: where a sampled class is the right one, which is left out; nil where there are none.
  ///   - correction: added to every sampled logit: log(classes / samples) for uniform samples, 0 for none.
  public static func sampledSoftmax(
    positive: Tensor, negatives: Tensor, hits: Tensor? = nil, correction: Double = 0
  ) throws -> Tensor {
    let cases = positive.count
    var others = correction == 0 ? negatives : try negatives + correction
    if let hits { others = try others.filled(where: hits, with: -1e9) }
    let logits = try Tensor.concatenated([positive.reshaped([cases, 1]), others], along: 1)
    return try crossEntropy(logits, target: Tensor([Int64](repeating: 0, count: cases), shape: [cases]))
  }
}
