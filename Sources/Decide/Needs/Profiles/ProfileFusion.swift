import Features
import Foundation
import Learning
import MathKernels

/// The modes of all customers as of a day, and which categories each bought in the 28 days from there.
public struct ProfileWindow: Sendable {
  /// What was known before the day.
  public let modes: ProfileModes
  /// Customers × categories: 1 for a category bought within the window, else 0.
  public let bought: [Float]

  /// A window; `bought` has as many numbers for each customer.
  public init(modes: ProfileModes, bought: [Float]) {
    precondition(
      modes.customers.count == 0 || bought.count % modes.customers.count == 0,
      "every customer has the same categories")
    (self.modes, self.bought) = (modes, bought)
  }

  /// How many categories there are.
  public var categories: Int { modes.customers.count == 0 ? 0 : bought.count / modes.customers.count }

  /// The window with some modes alone, or without some.
  func mapModes(_ body: (ProfileModes) -> ProfileModes) -> ProfileWindow {
    ProfileWindow(modes: body(modes), bought: bought)
  }
}

/// What fusions learn from: past windows, and a later one that decides settings and when to stop.
public struct ProfileDataset: Sendable {
  /// Windows to learn from.
  public var training: [ProfileWindow]
  /// The window that decides; not learned from.
  public var validation: ProfileWindow
  /// The names of the categories.
  public var categories: [String]

  /// Windows of the same categories.
  public init(training: [ProfileWindow], validation: ProfileWindow, categories: [String]) {
    (self.training, self.validation, self.categories) = (training, validation, categories)
  }

  /// The same windows with other modes, such as one mode alone.
  public func mapModes(_ body: (ProfileModes) -> ProfileModes) -> ProfileDataset {
    ProfileDataset(
      training: training.map { $0.mapModes(body) }, validation: validation.mapModes(body),
      categories: categories)
  }

  func validate() throws {
    let expected = categories.count
    guard expected > 0, !training.isEmpty, training.contains(where: { $0.modes.customers.count > 0 }) else {
      throw NeedError.notEnoughData(
        needed: "a window of customers and categories to learn from", found: "none")
    }
    guard (training + [validation]).allSatisfy({ $0.bought.count == $0.modes.customers.count * expected })
    else {
      throw NeedError.invalidParameter(
        name: "bought", value: "windows of different sizes", expected: "\(expected) categories a customer")
    }
  }
}

/// A way to make one vector of all modes of a customer.
///
/// The surveys' terms: early fusion joins the modes before anything is learned of them, late fusion joins answers, and a
/// learned joint representation lies between. Source: Baltrušaitis, Ahuja and Morency (2019),
/// https://doi.org/10.1109/TPAMI.2018.2798607
public protocol ProfileFusion: Estimator where Dataset == ProfileDataset, Model: FusedProfiles {
  /// What the fusion is called in tables.
  var name: String { get }
}

/// A fusion that has learned: gives each customer a vector of a fixed width.
public protocol FusedProfiles: FittedModel {
  /// The length of a vector.
  var width: Int { get }
  /// A row for each customer; a customer of whom nothing is known has one too.
  ///
  /// - Throws: `NeedError.invalidParameter` for blocks of other widths than those learned from.
  func vectors(of modes: ProfileModes) throws -> Matrix<Float>
}
