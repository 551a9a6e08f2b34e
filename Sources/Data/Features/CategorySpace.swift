import Commerce

/// The categories that features and models speak of, in a fixed order, and where a catalogue index keeps each of them.
///
/// A catalogue index numbers categories as they come; a model numbers them by name, so that it means the same after a
/// restart.
public struct CategorySpace: Sendable, Equatable {
  /// The categories by column.
  public let categories: Vocabulary
  /// The broad group of each column (the first step of its path), numbered from 0.
  public let groups: [Int32]
  /// The names of the groups.
  public let groupNames: [String]
  private let columns: [Int32]
  private let catalogueCategories: [Int32]

  /// How many categories there are.
  public var count: Int { categories.count }

  /// The columns of these categories in a catalogue. Categories that the catalogue does not have never occur.
  public init(categories: [String], catalogue: CatalogueIndex) {
    self.categories = Vocabulary(categories)
    columns = catalogue.categories.ids.map { [categories = self.categories] in categories.index(of: $0) ?? -1
    }
    catalogueCategories = self.categories.ids.map { catalogue.categories.index(of: $0) ?? EventFrame.none }
    var names = Vocabulary()
    groups = self.categories.ids.map { id in
      let path = catalogue.categories.index(of: id).map { catalogue.paths[Int($0)] } ?? [id]
      return names.insert(path.first ?? id)
    }
    groupNames = names.ids
  }

  /// The catalogue's category of a column, or nil when the catalogue does not have it.
  public func category(ofColumn column: Int) -> Int32? {
    catalogueCategories[column] == EventFrame.none ? nil : catalogueCategories[column]
  }

  /// The column of a catalogue's category, or nil when it is not among these.
  @inline(__always)
  public func column(ofCategory category: Int32) -> Int? {
    guard category >= 0, Int(category) < columns.count, columns[Int(category)] >= 0 else { return nil }
    return Int(columns[Int(category)])
  }
}

/// A sentence or label in English and Chinese.
public struct BilingualText: Sendable, Equatable, Codable, Hashable {
  /// The English words.
  public var en: String
  /// The Chinese words.
  public var zh: String

  /// A text in both languages.
  public init(en: String, zh: String) {
    self.en = en
    self.zh = zh
  }
}
