import Commerce
import Features

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
}
