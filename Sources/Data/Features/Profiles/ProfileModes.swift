import Commerce

/// A kind of knowledge about a customer. Each is a block of numbers of its own; any may be missing for any customer.
public enum ProfileMode: String, Sendable, Codable, CaseIterable, Comparable {
  /// How recently, how often and what the customer bought.
  case behaviour
  /// What the customer wrote or searched, by meaning.
  case writtenText = "written_text"
  /// The titles and descriptions of what the customer bought, by meaning.
  case boughtText = "bought_text"
  /// What the shop knows of the customer: age group, income, city, …
  case attributes
  /// Brand, department and price band of what the customer bought.
  case itemAttributes = "item_attributes"
  /// The pictures of what the customer bought.
  case images

  /// Modes come in the order in which they are declared.
  public static func < (a: ProfileMode, b: ProfileMode) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}

/// One mode of all customers: a row of numbers each.
public struct ModeBlock: Sendable, Equatable {
  /// What the numbers are about.
  public let mode: ProfileMode
  /// How many numbers a customer has.
  public let width: Int
  /// The numbers, customer after customer; zeros where the mode is missing.
  public let values: [Float]
  /// Whether the mode is known of each customer.
  public let present: [Bool]

  /// A block; numbers of customers without the mode, and numbers that are not finite, become zero.
  public init(mode: ProfileMode, width: Int, values: [Float], present: [Bool]) {
    precondition(values.count == width * present.count, "a block has \(width) numbers for each customer")
    (self.mode, self.width, self.present) = (mode, width, present)
    var values = values
    for customer in present.indices {
      for index in customer * width..<(customer + 1) * width
      where !present[customer] || !values[index].isFinite { values[index] = 0 }
    }
    self.values = values
  }

  /// How many customers there are.
  public var customers: Int { present.count }

  /// The numbers of one customer, or nil where the mode is missing.
  public func row(_ customer: Int) -> ArraySlice<Float>? {
    present[customer] ? values[customer * width..<(customer + 1) * width] : nil
  }
}

/// What is known of customers as of a day, mode by mode, all blocks in the order of the same customers.
///
/// ```swift
/// var timeline = ProfileTimeline(ProfileSources(frame: frame, catalogue: catalogue, space: space))
/// let modes = timeline.modes(before: day)
/// modes[.behaviour]?.row(0)               // of the first customer
/// modes.without([.behaviour])             // as if nobody's purchases were known
/// ```
public struct ProfileModes: Sendable, Equatable {
  /// The customers, by row.
  public let customers: Vocabulary
  /// The day before which everything happened.
  public let day: Int32
  /// The blocks, by mode.
  public let blocks: [ModeBlock]

  /// Blocks of the same customers, at most one of a mode.
  public init(customers: Vocabulary, day: Int32, blocks: [ModeBlock]) {
    precondition(blocks.allSatisfy { $0.customers == customers.count }, "every block has a row a customer")
    precondition(Set(blocks.map(\.mode)).count == blocks.count, "a mode has one block")
    (self.customers, self.day) = (customers, day)
    self.blocks = blocks.sorted { $0.mode < $1.mode }
  }

  /// The block of a mode, or nil when no customer has it.
  public subscript(mode: ProfileMode) -> ModeBlock? { blocks.first { $0.mode == mode } }

  /// The modes that there are.
  public var modes: [ProfileMode] { blocks.map(\.mode) }

  /// Only these modes.
  public func only(_ modes: Set<ProfileMode>) -> ProfileModes {
    ProfileModes(customers: customers, day: day, blocks: blocks.filter { modes.contains($0.mode) })
  }

  /// All but these modes.
  public func without(_ modes: Set<ProfileMode>) -> ProfileModes {
    ProfileModes(customers: customers, day: day, blocks: blocks.filter { !modes.contains($0.mode) })
  }

  /// The customers at these rows alone.
  public func selecting(_ rows: [Int]) -> ProfileModes {
    ProfileModes(
      customers: Vocabulary(rows.map { customers[Int32($0)] }), day: day,
      blocks: blocks.map { block in
        ModeBlock(
          mode: block.mode, width: block.width,
          values: rows.flatMap { block.values[$0 * block.width..<($0 + 1) * block.width] },
          present: rows.map { block.present[$0] })
      })
  }
}
