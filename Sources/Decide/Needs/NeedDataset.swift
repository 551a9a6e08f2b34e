import Commerce
import Features
import MathKernels

/// What needs are mined from: a shop's events and its catalogue.
public struct NeedDataset: Sendable {
  /// The events.
  public var frame: EventFrame
  /// The items' categories and brands.
  public var catalogue: CatalogueIndex

  /// Events and a catalogue.
  public init(frame: EventFrame, catalogue: CatalogueIndex) {
    self.frame = frame
    self.catalogue = catalogue
  }

  /// The categories with at least one purchase, by name.
  func boughtCategories() -> [String] {
    let columns = ObservationColumns(frame, catalogue: catalogue)
    var bought = [Bool](repeating: false, count: catalogue.categories.count)
    for row in 0..<frame.count where frame.kind[row] == EventKind.purchase.code {
      let category = columns.category(ofRow: row)
      if category != EventFrame.none, frame.customer[row] != EventFrame.none { bought[Int(category)] = true }
    }
    return catalogue.categories.ids.enumerated().filter { bought[$0.offset] }.map(\.element).sorted()
  }

  /// The events of customers drawn at random, so that there are at most so many pairs of a customer and a category, or thereabouts;
  /// all of them where there are no more.
  func drawn(mostPairs: Int, seed: UInt64) -> NeedDataset {
    let pairs = frame.customers.count * boughtCategories().count
    guard pairs > mostPairs else { return self }
    let share = Double(mostPairs) / Double(pairs)
    var random = RandomSource(seed: seed, stream: 0xD2A3)
    return NeedDataset(frame: frame.selecting { _ in random.uniform() < share }, catalogue: catalogue)
  }
}
