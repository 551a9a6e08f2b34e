/// A two-way table between external ids and dense indices 0, 1, 2 …, in order of first appearance.
public struct Vocabulary: Sendable, Equatable {
  /// The ids; the position is the index.
  public private(set) var ids: [String]
  private var indexByID: [String: Int32]

  /// An empty table.
  public init() {
    ids = []
    indexByID = [:]
  }

  /// A table of ids in the order given; a repeated id keeps its first index.
  public init(_ ids: some Sequence<String>) {
    self.init()
    for id in ids { _ = insert(id) }
  }

  /// How many ids there are.
  public var count: Int { ids.count }

  /// The index of an id, added at the end when new.
  @discardableResult
  public mutating func insert(_ id: String) -> Int32 {
    if let index = indexByID[id] { return index }
    let index = Int32(ids.count)
    ids.append(id)
    indexByID[id] = index
    return index
  }

  /// The index of a known id.
  public func index(of id: String) -> Int32? { indexByID[id] }

  /// The id at an index.
  public subscript(index: Int32) -> String { ids[Int(index)] }
}

extension Vocabulary: Codable {
  /// Decodes a list of distinct ids.
  public init(from decoder: any Decoder) throws {
    let ids = try decoder.singleValueContainer().decode([String].self)
    self.init(ids)
    guard count == ids.count else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a vocabulary holds an id twice"))
    }
  }

  /// Encodes the list of ids.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(ids)
  }
}
