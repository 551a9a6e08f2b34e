import Features
import Foundation
import Learning
import MathKernels
import TextAnalysis

/// Fusion by groups: customers are grouped by all modes together, and a profile says how near a customer is to each group.
///
/// ```swift
/// let model = try await ProfileClusters(.init(clusters: 32)).fit(dataset, context: context)
/// let shares = try model.vectors(of: modes)        // customers × 32, each row adds up to one
/// ```
/// Spherical k-means on the early concatenation; shares are the softmax of the cosines to the centres times `sharpness`.
/// Source: Dhillon and Modha (2001), https://doi.org/10.1023/A:1007612920971. Soft shares instead of one group alone.
///
/// - Complexity: that of the concatenation, and O(rows × clusters × width) for each round.
public struct ProfileClusters: ProfileFusion {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many groups.
    public var clusters: Int
    /// How clearly the nearest group stands out.
    public var sharpness: Double
    /// The concatenation that is grouped.
    public var concatenation: ProfileConcatenation.Configuration

    /// Settings.
    public init(
      clusters: Int = 128, sharpness: Double = 8,
      concatenation: ProfileConcatenation.Configuration = .init()
    ) {
      (self.clusters, self.sharpness, self.concatenation) = (clusters, sharpness, concatenation)
    }
  }

  /// The settings.
  public let configuration: Configuration

  /// The fusion with these settings.
  public init(_ configuration: Configuration = .init()) { self.configuration = configuration }

  /// See `ProfileFusion`.
  public var name: String { "clusters of the concatenation" }

  /// Learns the concatenation, then its groups, from the customers of all training windows.
  ///
  /// - Throws: `NeedError.invalidParameter`, `NeedError.notEnoughData`, `CancellationError`.
  public func fit(_ data: ProfileDataset, context: FitContext) async throws -> ProfileClustersModel {
    guard configuration.clusters > 0, configuration.sharpness > 0, configuration.sharpness.isFinite else {
      throw NeedError.invalidParameter(
        name: "clusters, sharpness", value: "\(configuration.clusters), \(configuration.sharpness)",
        expected: "at least 1, above 0")
    }
    let concatenation = try await ProfileConcatenation(configuration.concatenation).fit(
      data, context: context)
    var rows: [Float] = []
    for window in data.training { rows += try concatenation.vectors(of: window.modes).elements }
    let found = try SphericalKMeans(configuration: .init(clusters: configuration.clusters, starts: 2))
      .cluster(
        Matrix(rows: rows.count / concatenation.width, columns: concatenation.width, rows), seed: context.seed
      )
    return ProfileClustersModel(
      configuration: configuration, concatenation: concatenation, centres: found.centres.elements)
  }
}

/// What `ProfileClusters` learned.
public struct ProfileClustersModel: FusedProfiles, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: ProfileClusters.Configuration
  let concatenation: ProfileConcatenationModel
  @Packed var centres: [Float]

  init(
    configuration: ProfileClusters.Configuration, concatenation: ProfileConcatenationModel, centres: [Float]
  ) {
    (self.configuration, self.concatenation) = (configuration, concatenation)
    self.centres = centres
  }

  /// How many groups there are: fewer than asked for where there were fewer customers.
  public var width: Int { centres.count / max(1, concatenation.width) }

  /// The shares of the groups in each customer.
  public func vectors(of modes: ProfileModes) throws -> Matrix<Float> {
    let rows = SphericalKMeans.normalized(try concatenation.vectors(of: modes))
    var shares = rows.multiplied(
      by: Matrix(rows: width, columns: concatenation.width, centres), transposingOther: true)
    for row in 0..<shares.rows {
      let range = row * width..<(row + 1) * width
      let largest = shares.elements[range].max() ?? 0
      var sum: Float = 0
      for index in range {
        shares.elements[index] = exp(Float(configuration.sharpness) * (shares.elements[index] - largest))
        sum += shares.elements[index]
      }
      for index in range { shares.elements[index] /= sum }
    }
    return shares
  }
}

extension ProfileClustersModel {
  private enum CodingKeys: String, CodingKey { case configuration, concatenation, centres }

  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try values.decode(ProfileClusters.Configuration.self, forKey: .configuration)
    concatenation = try values.decode(ProfileConcatenationModel.self, forKey: .concatenation)
    _centres = try values.decode(Packed<Float>.self, forKey: .centres)
    guard !centres.isEmpty, centres.count % concatenation.width == 0 else {
      throw LearningError.corruptModel(reason: "its centres do not have the width of its concatenation")
    }
  }
}
