import Commerce
import MathKernels
import TextAnalysis

/// Customers by profile: finds those who are most alike.
///
/// ```swift
/// let space = ProfileSpace(customers: modes.customers, vectors: try model.vectors(of: modes))
/// space.nearest(to: "1044", limit: 5)              // ids with their cosines, the most alike first
/// ```
/// - Complexity: O(customers × width) for each question.
public struct ProfileSpace: Sendable {
  /// Somebody alike.
  public struct Neighbour: Sendable, Equatable {
    /// Who it is.
    public let customerID: String
    /// The cosine of the two profiles, after the mean of all profiles is taken off.
    public let similarity: Float
  }

  /// The customers, by row.
  public let customers: Vocabulary
  private let means: [Float]
  private let rows: Matrix<Float>

  /// The space of these profiles.
  public init(customers: Vocabulary, vectors: Matrix<Float>) {
    precondition(customers.count == vectors.rows, "every customer has a profile")
    var sums = [Double](repeating: 0, count: vectors.columns)
    for row in 0..<vectors.rows {
      for (column, value) in vectors.row(row).enumerated() { sums[column] += Double(value) }
    }
    means = sums.map { Float($0 / Double(max(1, vectors.rows))) }
    self.customers = customers
    rows = SphericalKMeans.normalized(Self.centred(vectors, means))
  }

  private static func centred(_ vectors: Matrix<Float>, _ means: [Float]) -> Matrix<Float> {
    var result = vectors
    for index in result.elements.indices { result.elements[index] -= means[index % means.count] }
    return result
  }

  /// The customers most like one, without that one; nil for an unknown customer.
  public func nearest(to customerID: String, limit: Int) -> [Neighbour]? {
    guard let own = customers.index(of: customerID).map(Int.init) else { return nil }
    return nearest(Array(rows.row(own)), limit: limit, without: own)
  }

  /// The customers whose profiles are most like a vector of the same fusion.
  public func nearest(toVector vector: [Float], limit: Int) -> [Neighbour] {
    precondition(vector.count == means.count, "a vector has the width of the profiles")
    let row = Self.centred(Matrix(rows: 1, columns: vector.count, vector), means)
    return nearest(SphericalKMeans.normalized(row).elements, limit: limit, without: nil)
  }

  private func nearest(_ vector: [Float], limit: Int, without own: Int?) -> [Neighbour] {
    guard limit > 0, rows.rows > 0 else { return [] }
    let cosines = rows.multiplied(
      by: Matrix(rows: 1, columns: vector.count, vector), transposingOther: true
    ).elements
    return cosines.indices.filter { $0 != own }.sorted { (cosines[$1], $0) < (cosines[$0], $1) }
      .prefix(limit).map { Neighbour(customerID: customers[Int32($0)], similarity: cosines[$0]) }
  }
}
