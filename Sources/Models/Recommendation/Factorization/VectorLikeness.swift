import MathKernels

/// The likeness of items by their vectors: the cosine, less for items that few have dealt with.
///
/// The vector of an item that was dealt with once or twice points anywhere, so that among ten thousands of them some look like
/// any item by chance. The cosine is therefore multiplied by n / (n + 20), n being how popular the other item is: the shrinkage
/// of Bell and Koren (2007), https://doi.org/10.1109/ICDM.2007.90.
enum VectorLikeness {
  private static let shrink: Float = 20

  /// The likeness of all items to one; −infinity for those without a vector or without anyone who dealt with them.
  ///
  /// - Complexity: O(items × size).
  static func score(
    _ item: Int32, _ vectors: [Float], size: Int, popularity: [Float],
    into scores: UnsafeMutableBufferPointer<Float>
  ) {
    scores.update(repeating: -.infinity)
    vectors.withUnsafeBufferPointer { vectors in
      guard let base = vectors.baseAddress, popularity[Int(item)] > 0 else { return }
      let own = base + Int(item) * size
      let length = Vectors.dot(own, own, size).squareRoot()
      guard length > 0 else { return }
      for index in scores.indices where popularity[index] > 0 {
        let other = base + index * size
        let product = length * Vectors.dot(other, other, size).squareRoot()
        guard product > 0 else { continue }
        scores[index] =
          Vectors.dot(own, other, size) / product * popularity[index] / (popularity[index] + shrink)
      }
    }
  }
}
