import MathKernels

/// Groups vectors by direction: k-means on the unit sphere with k-means++ starts.
///
/// ```swift
/// let groups = try SphericalKMeans(configuration: .init(clusters: 8)).cluster(vectors, seed: 42)
/// ```
/// Source: Dhillon and Modha (2001), https://doi.org/10.1023/A:1007612920971; starts after Arthur and Vassilvitskii (2007). The
/// best of several starts is kept. Rows are scaled to unit length; a row of zeros is in the first group.
/// - Complexity: O(rows × clusters × columns) for each round.
public struct SphericalKMeans: Sendable {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// How many groups.
    public var clusters: Int
    /// The most rounds.
    public var epochs: Int
    /// How many starts.
    public var starts: Int

    /// Settings.
    public init(clusters: Int = 8, epochs: Int = 50, starts: Int = 3) {
      (self.clusters, self.epochs, self.starts) = (clusters, epochs, starts)
    }
  }

  /// Groups with their centres.
  public struct Clustering: Sendable, Equatable {
    /// The group of each row.
    public var assignments: [Int]
    /// The centres, of unit length.
    public var centres: Matrix<Float>
    /// The cosine of each row with its centre.
    public var similarities: [Float]
    /// The mean of the cosines.
    public var cohesion: Double {
      similarities.isEmpty ? .nan : similarities.reduce(0) { $0 + Double($1) } / Double(similarities.count)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// The algorithm with these settings.
  public init(configuration: Configuration = .init()) { self.configuration = configuration }

  /// Groups the rows; there are no more groups than rows.
  ///
  /// - Throws: `TextError.invalidParameter`, `TextError.notEnoughData` without rows.
  public func cluster(_ vectors: Matrix<Float>, seed: UInt64) throws -> Clustering {
    guard configuration.clusters > 0, configuration.starts > 0, configuration.epochs > 0 else {
      throw TextError.invalidParameter(
        name: "clusters, starts, epochs",
        value: "\(configuration.clusters), \(configuration.starts), \(configuration.epochs)",
        expected: "at least 1 each")
    }
    guard vectors.rows > 0 else { throw TextError.notEnoughData(what: "vectors", needed: 1, found: 0) }
    let rows = Self.normalized(vectors)
    var best: Clustering?
    for start in 0..<configuration.starts {
      var random = RandomSource(seed: seed, stream: UInt64(start + 1))
      let found = run(rows, using: &random)
      if best.map({ found.cohesion > $0.cohesion }) ?? true { best = found }
    }
    guard let best else { preconditionFailure("there is at least one start") }
    return best
  }

  private func run(_ rows: Matrix<Float>, using random: inout RandomSource) -> Clustering {
    var centres = starts(rows, using: &random)
    var result = assign(rows, centres)
    for _ in 0..<configuration.epochs {
      centres = means(rows, result, centres)
      let next = assign(rows, centres)
      let moved = zip(next.assignments, result.assignments).count { $0 != $1 }
      result = next
      // Among many rows the last few go to and fro between neighbours long after the groups stand.
      if moved <= rows.rows / 2_000 { break }
    }
    return result
  }

  /// k-means++: each further centre is a row drawn by its squared distance to the nearest one.
  private func starts(_ rows: Matrix<Float>, using random: inout RandomSource) -> Matrix<Float> {
    let count = min(configuration.clusters, rows.rows)
    var chosen = [random.index(below: rows.rows)]
    var distances = [Double](repeating: .infinity, count: rows.rows)
    while chosen.count < count {
      let centre = Matrix(rows: 1, columns: rows.columns, Array(rows.row(chosen[chosen.count - 1])))
      let cosines = rows.multiplied(by: centre, transposingOther: true).elements
      for row in distances.indices { distances[row] = min(distances[row], max(0, 1 - Double(cosines[row]))) }
      var drawn = random.uniform() * distances.reduce(0, +)
      var next = rows.rows - 1
      for row in distances.indices {
        drawn -= distances[row]
        if drawn < 0 {
          next = row
          break
        }
      }
      chosen.append(next)
    }
    return Matrix(rows: count, columns: rows.columns, chosen.flatMap { rows.row($0) })
  }

  private func assign(_ rows: Matrix<Float>, _ centres: Matrix<Float>) -> Clustering {
    ThreadPools.capBLASOnce()
    // Blocks whose products stay in the cache, on all cores.
    let blocks = parallelBlocks(rows.rows, blockSize: 512) { block in
      let part = Matrix(
        rows: block.count, columns: rows.columns,
        Array(rows.elements[block.lowerBound * rows.columns..<block.upperBound * rows.columns]))
      let cosines = part.multiplied(by: centres, transposingOther: true)
      return (0..<block.count).map { row in
        let own = cosines.row(row)
        let best = own.indices.max { (own[$0], $1) < (own[$1], $0) } ?? own.startIndex
        return (best - own.startIndex, own[best])
      }
    }
    let nearest = blocks.flatMap { $0 }
    return Clustering(
      assignments: nearest.map(\.0), centres: centres, similarities: nearest.map(\.1))
  }

  private func means(_ rows: Matrix<Float>, _ found: Clustering, _ old: Matrix<Float>) -> Matrix<Float> {
    let columns = old.columns
    var sums = Matrix<Float>(rows: old.rows, columns: columns)
    var counts = [Int](repeating: 0, count: old.rows)
    sums.elements.withUnsafeMutableBufferPointer { sums in
      rows.elements.withUnsafeBufferPointer { rows in
        for (row, cluster) in found.assignments.enumerated() {
          counts[cluster] += 1
          let (from, to) = (row * columns, cluster * columns)
          for column in 0..<columns { sums[to + column] += rows[from + column] }
        }
      }
    }
    // A group that lost all its members is given the row that fits worst.
    var taken: Set<Int> = []
    for cluster in counts.indices where counts[cluster] == 0 {
      let worst = found.similarities.indices.filter { !taken.contains($0) }.min {
        (found.similarities[$0], $0) < (found.similarities[$1], $1)
      }
      guard let worst else { continue }
      taken.insert(worst)
      for column in 0..<rows.columns { sums[cluster, column] = rows[worst, column] }
    }
    return Self.normalized(sums)
  }

  /// The rows at unit length; rows of zeros, and what is not a number, become zeros.
  public static func normalized(_ vectors: Matrix<Float>) -> Matrix<Float> {
    var result = vectors
    let columns = vectors.columns
    result.elements.withUnsafeMutableBufferPointer { elements in
      for row in 0..<vectors.rows {
        let own = row * columns..<(row + 1) * columns
        var squares: Float = 0
        for place in own { squares += elements[place] * elements[place] }
        let length = squares.squareRoot()
        let scale = length > 0 && length.isFinite ? 1 / length : 0
        for place in own { elements[place] = scale > 0 ? elements[place] * scale : 0 }
      }
    }
    return result
  }

  /// How much nearer rows are to their own centre than to the next one, from −1 to 1: the mean over all rows of
  /// (b − a) / max(a, b), where a and b are one minus the cosines; the simplified silhouette of Vendramin et al. (2010),
  /// https://doi.org/10.1002/sam.10080.
  public static func silhouette(_ vectors: Matrix<Float>, _ clustering: Clustering) -> Double {
    guard clustering.centres.rows > 1, vectors.rows > 0 else { return 0 }
    let cosines = normalized(vectors).multiplied(by: clustering.centres, transposingOther: true)
    var sum = 0.0
    for row in 0..<vectors.rows {
      let own = clustering.assignments[row]
      var next = -Float.infinity
      for cluster in 0..<clustering.centres.rows where cluster != own {
        next = max(next, cosines[row, cluster])
      }
      let (a, b) = (1 - Double(cosines[row, own]), 1 - Double(next))
      sum += max(a, b) > 0 ? (b - a) / max(a, b) : 0
    }
    return sum / Double(vectors.rows)
  }
}
