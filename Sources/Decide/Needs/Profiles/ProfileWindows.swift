import Commerce
import Features
import Learning

/// The windows of a log by which profiles are compared: the same days as those of needs.
///
/// ```swift
/// let windows = try ProfileWindows(NeedDataset(frame: frame, catalogue: catalogue), customers: customers)
/// ```
/// The last 28 days are the test, the 28 before them validation; windows that end before those train.
public struct ProfileWindows: Sendable {
  /// What fusions learn from, with the validation window.
  public let dataset: ProfileDataset
  /// The last window.
  public let test: ProfileWindow
  /// The categories.
  public let space: CategorySpace
  /// The scores of personal frequency and other simple baselines on validation and test.
  let baselines: (validation: [BaselineScores], test: [BaselineScores])

  /// Replays a log once.
  ///
  /// - Parameters:
  ///   - data: the events and the catalogue.
  ///   - customers: what the shop knows of its customers.
  ///   - itemTexts, itemImages, written: vectors by meaning or of pictures, when there are any.
  ///   - windows: how many windows train at most.
  ///   - stepDays: how many days lie between the beginnings of two windows; a divisor of 28.
  /// - Throws: `NeedError.notEnoughData` for less than 112 days, `NeedError.invalidParameter`.
  public init(
    _ data: NeedDataset, customers: [Customer] = [], itemTexts: ItemVectors? = nil,
    itemImages: ItemVectors? = nil, written: WrittenVectors? = nil, settings: FeatureSettings = .init(),
    windows: Int = 13, stepDays: Int = 14
  ) throws {
    guard windows > 0, stepDays > 0, NeedMining.horizonDays % stepDays == 0 else {
      throw NeedError.invalidParameter(
        name: "windows, stepDays", value: "\(windows), \(stepDays)", expected: "at least 1, a divisor of 28")
    }
    let space = CategorySpace(categories: data.boughtCategories(), catalogue: data.catalogue)
    guard space.count > 0, data.frame.customers.count > 0 else {
      throw NeedError.notEnoughData(needed: "purchases of items with a category", found: "none")
    }
    let outcomes = PurchaseOutcomes(
      data.frame, catalogue: data.catalogue, space: space, calendar: settings.calendar)
    let window = MarketTimeline.windowDays
    let (origin, end) = (outcomes.originDay, outcomes.endDay)
    guard Int64(end) - Int64(origin) >= 4 * Int64(window), Int64(end) - Int64(origin) <= 36_525 else {
      throw NeedError.notEnoughData(
        needed: "\(4 * window) days of purchases, within one hundred years",
        found: "\(Int64(end) - Int64(origin)) days")
    }
    let (testDay, validationDay) = (end - window, end - 2 * window)
    let last = validationDay - window
    let first = max(origin + window, last - Int32(stepDays * (windows - 1)))
    let training = stride(from: last, through: first, by: -stepDays).reversed()
    var timeline = ProfileTimeline(
      ProfileSources(
        frame: data.frame, catalogue: data.catalogue, space: space, settings: settings, customers: customers,
        itemTexts: itemTexts, itemImages: itemImages, written: written))
    var (found, scores): ([ProfileWindow], [[BaselineScores]]) = ([], [])
    for day in Array(training) + [validationDay, testDay] {
      let modes = timeline.modes(before: day)
      let bought = outcomes.firstDays(from: day, to: day + window).map {
        $0 == PurchaseOutcomes.never ? Float(0) : 1
      }
      found.append(ProfileWindow(modes: modes, bought: bought))
      if day >= validationDay {
        scores.append(Baselines(states: timeline.states, space: space, day: day, origin: origin).scores())
      }
    }
    dataset = ProfileDataset(
      training: Array(found.dropLast(2)), validation: found[found.count - 2], categories: space.categories.ids
    )
    test = found[found.count - 1]
    baselines = (scores[0], scores[1])
    self.space = space
  }
}
