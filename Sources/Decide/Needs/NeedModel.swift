import Commerce
import Features
import Foundation
import Learning

/// A learned model of needs: trees, their calibration, and the market they were read against.
///
/// Bind it to a catalogue with `NeedPredictor` to predict.
public struct NeedModel: FittedModel {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// The settings it was trained with.
  public let configuration: NeedMining.Configuration
  /// The categories it speaks of.
  public let categories: [String]
  /// The market as of the end of its training data.
  public let snapshot: MarketSnapshot
  /// The ensemble.
  public let trees: GradientBoostingModel
  /// From margins to probabilities.
  public let calibration: LevelCalibration
  /// The path of each category from broad to narrow.
  public let categoryPaths: [[String]]
  /// The currency of all money in it.
  public let currency: Currency
}
