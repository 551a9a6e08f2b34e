import Foundation
import Learning

/// The values of a network's parameters, apart from libtorch: can be kept, compared, saved and loaded.
///
/// ```swift
/// let checkpoint = try Checkpoint(network.parameters)
/// try checkpoint.write(to: "network.lode")
/// try Checkpoint(path: "network.lode").restore(into: network.parameters)
/// ```
/// The file is a `ModelEnvelope` with a checksum; the numbers are little-endian binary.
public struct Checkpoint: FittedModel, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// One parameter.
  public struct Entry: Sendable, Codable, Equatable {
    /// Its name.
    public let name: String
    /// The size of each dimension.
    public let shape: [Int]
    /// Its numbers, row by row.
    @Packed public private(set) var values: [Float]

    init(name: String, shape: [Int], values: [Float]) {
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  /// The parameters in order.
  public let entries: [Entry]

  /// What the parameters hold now.
  public init(_ parameters: Parameters) throws {
    entries = try parameters.entries.map {
      Entry(name: $0.name, shape: $0.tensor.shape, values: try $0.tensor.floats())
    }
  }

  /// Sets the parameters of a network of the same names and shapes.
  ///
  /// - Throws: `NeuralError.checkpointMismatch`, in which case nothing is set.
  public func restore(into parameters: Parameters) throws {
    guard parameters.entries.map(\.name) == entries.map(\.name) else {
      throw NeuralError.checkpointMismatch(
        reason: "it holds \(entries.map(\.name)) where the network has \(parameters.entries.map(\.name))")
    }
    for (saved, entry) in zip(entries, parameters.entries) {
      guard saved.shape == entry.tensor.shape, saved.values.count == entry.tensor.count else {
        throw NeuralError.checkpointMismatch(
          reason: "\(saved.name) has the shape \(saved.shape) where the network has \(entry.tensor.shape)")
      }
    }
    for (saved, entry) in zip(entries, parameters.entries) { try entry.tensor.assign(saved.values) }
  }

  /// The numbers of one parameter; nil when there is none of this name.
  public subscript(name: String) -> [Float]? { entries.first { $0.name == name }?.values }

  /// Writes the checkpoint to a file: to one beside it first, which then takes its place.
  public func write(to path: String) throws {
    let envelope = try ModelEnvelope(
      self, trainedAt: .init(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)), dataFingerprint: "",
      metrics: [:])
    try envelope.encoded().write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  /// Reads a checkpoint from a file.
  ///
  /// - Throws: `LearningError.corruptModel` or `unsupportedFormat`, or what reading the file throws.
  public init(path: String) throws {
    self = try ModelEnvelope(encoded: Data(contentsOf: URL(fileURLWithPath: path))).model()
  }
}
