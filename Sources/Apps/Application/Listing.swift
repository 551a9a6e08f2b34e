/// A list that can be read page by page: one page for an answer, all of them for an export.
public struct Listing: Sendable {
  /// What the list is of; names its CSV file.
  public let name: String
  /// How many rows an export reads at a time.
  public let batchSize: Int
  private let read: @Sendable (PageRequest) async throws -> Page

  /// A list of rows that are read as they are asked for.
  public init(_ name: String, read: @escaping @Sendable (PageRequest) async throws -> Page) {
    self.init(name, batchSize: 1_000, read: read)
  }

  /// A list that is in memory as a whole and may change between two pages: an export reads it at one go.
  public init(whole name: String, read: @escaping @Sendable (PageRequest) async throws -> Page) {
    self.init(name, batchSize: 1_000_000_000, read: read)
  }

  private init(
    _ name: String, batchSize: Int, read: @escaping @Sendable (PageRequest) async throws -> Page
  ) {
    self.name = name
    self.batchSize = batchSize
    self.read = read
  }

  /// One page.
  public func page(_ request: PageRequest) async throws -> Page { try await read(request) }
}
