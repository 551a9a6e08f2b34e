import Commerce
import MathKernels

/// What profiles are made of. Only the events and the catalogue are needed; every other part may be absent.
public struct ProfileSources: Sendable {
  /// The events.
  public var frame: EventFrame
  /// The categories and brands of items.
  public var catalogue: CatalogueIndex
  /// The categories that behaviour is counted by.
  public var space: CategorySpace
  /// How events turn into features.
  public var settings: FeatureSettings
  /// What the shop knows of its customers.
  public var customers: [Customer]
  /// The titles or descriptions of items, by meaning.
  public var itemTexts: ItemVectors?
  /// The pictures of items.
  public var itemImages: ItemVectors?
  /// What customers wrote or searched, by meaning.
  public var written: WrittenVectors?
  /// After how many days a purchase or a text weighs half in the means.
  public var halfLifeDays: Double
  /// With more categories than this, behaviour is counted by broad groups.
  public var mostCategories: Int

  /// Sources; means halve in weight within 120 days by default.
  public init(
    frame: EventFrame, catalogue: CatalogueIndex, space: CategorySpace, settings: FeatureSettings = .init(),
    customers: [Customer] = [], itemTexts: ItemVectors? = nil, itemImages: ItemVectors? = nil,
    written: WrittenVectors? = nil, halfLifeDays: Double = 120, mostCategories: Int = 500
  ) {
    self.frame = frame
    self.catalogue = catalogue
    self.space = space
    self.settings = settings
    self.customers = customers
    self.itemTexts = itemTexts
    self.itemImages = itemImages
    self.written = written
    self.halfLifeDays = halfLifeDays
    self.mostCategories = mostCategories
  }
}

/// Makes the modes of all customers as of ascending days.
///
/// ```swift
/// var timeline = ProfileTimeline(ProfileSources(frame: frame, catalogue: catalogue, space: space))
/// let earlier = timeline.modes(before: day - 28)
/// let modes = timeline.modes(before: day)
/// ```
/// Modes as of a day have seen nothing of that day or later: they are the same whatever comes. Attributes of customers and
/// items are taken as known all along.
public struct ProfileTimeline: Sendable {
  private let behaviour: BehaviourColumns
  private let customers: Vocabulary
  private let calendar: ShopCalendar
  private let attributes: ModeBlock?
  private var replay: LogReplay
  private var itemAttributes: DecayedMeans<ItemAttributeShares>
  private var texts: DecayedMeans<PurchaseVectors>?
  private var images: DecayedMeans<PurchaseVectors>?
  private var written: DecayedMeans<TextVectors>?

  /// A timeline at its beginning.
  public init(_ sources: ProfileSources) {
    let frame = sources.frame
    calendar = sources.settings.calendar
    customers = frame.customers
    behaviour = BehaviourColumns(space: sources.space, mostCategories: sources.mostCategories)
    replay = LogReplay(frame, catalogue: sources.catalogue, settings: sources.settings)
    let (rows, starts) = frame.rowsByCustomer()
    func means<Source: EventVectors>(_ source: Source) -> DecayedMeans<Source> {
      DecayedMeans(
        source, milliseconds: frame.timestamp, rows: rows, starts: starts,
        halfLifeDays: sources.halfLifeDays,
        calendar: sources.settings.calendar)
    }
    itemAttributes = means(
      ItemAttributeShares(frame: frame, catalogue: sources.catalogue, space: sources.space))
    texts = sources.itemTexts.map { means(PurchaseVectors($0, frame: frame)) }
    images = sources.itemImages.map { means(PurchaseVectors($0, frame: frame)) }
    written = sources.written.map { written in
      let (rows, starts) = written.rowsByCustomer(frame.customers)
      return DecayedMeans(
        TextVectors(written), milliseconds: written.milliseconds, rows: rows, starts: starts,
        halfLifeDays: sources.halfLifeDays, calendar: sources.settings.calendar)
    }
    let columns = AttributeColumns(sources.customers)
    attributes = columns.width > 0 ? columns.block(sources.customers, in: frame.customers) : nil
  }

  /// The states of customers as of the last day asked for.
  public var states: [CustomerState] { replay.states }

  /// The modes as of a day, no earlier than the last one asked for.
  ///
  /// - Complexity: O(customers × widths + new events × the widest vector), on all cores.
  public mutating func modes(before day: Int32) -> ProfileModes {
    replay.advance(before: calendar.start(ofDay: day))
    var blocks = [
      behaviour.block(replay.states, before: day), itemAttributes.block(.itemAttributes, before: day),
    ]
    if let block = texts?.block(.boughtText, before: day) { blocks.append(block) }
    if let block = images?.block(.images, before: day) { blocks.append(block) }
    if let block = written?.block(.writtenText, before: day) { blocks.append(block) }
    if let attributes { blocks.append(attributes) }
    return ProfileModes(customers: customers, day: day, blocks: blocks)
  }
}
