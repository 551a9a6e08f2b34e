/// What can go wrong with tensors and networks.
public enum NeuralError: Error, Equatable, CustomStringConvertible {
  /// libtorch, or the library that binds it, cannot be loaded.
  case libraryUnavailable(tried: [String], reason: String)
  /// An operation cannot be done with these tensors; the reason is libtorch's own.
  case operationFailed(operation: String, reason: String)
  /// A tensor has another shape than is needed.
  case shapeMismatch(operation: String, expected: String, found: [Int])
  /// A setting is outside its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// A checkpoint does not fit the network that it is to be restored into.
  case checkpointMismatch(reason: String)
  /// The loss is no longer a finite number.
  case diverged(epoch: Int, batch: Int)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .libraryUnavailable(let tried, let reason):
      "Neural networks need liblode-torch.so with libtorch, which cannot be loaded (\(reason)); "
        + "tried \(tried.joined(separator: ", ")). LODE_TORCH may name the file."
    case .operationFailed(let operation, let reason):
      "The tensor operation \(operation) failed: \(reason)"
    case .shapeMismatch(let operation, let expected, let found):
      "The tensor operation \(operation) needs \(expected), found the shape \(found)."
    case .invalidParameter(let name, let value, let expected):
      "The parameter \(name) is \(value); expected \(expected)."
    case .checkpointMismatch(let reason): "The checkpoint does not fit the network: \(reason)."
    case .diverged(let epoch, let batch):
      "Training diverged: the loss of batch \(batch) of epoch \(epoch) is not a finite number; "
        + "a lower learning rate may help."
    }
  }
}
