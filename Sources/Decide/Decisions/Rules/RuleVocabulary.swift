/// Finds the known word that an unknown one was probably meant to be.
package enum RuleVocabulary {
  /// The nearest of some words, when it is near: one or two letters off, up to a third of the word.
  static func nearest(to word: String, among known: [String]) -> String? {
    let word = Array(word.lowercased().unicodeScalars)
    guard word.count <= 40 else { return nil }
    var best: (word: String, distance: Int)?
    for candidate in known {
      let letters = Array(candidate.unicodeScalars)
      let distance = distance(word, letters)
      guard distance <= max(1, min(3, max(word.count, letters.count) / 3)), distance < letters.count else {
        continue
      }
      if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.word
  }

  /// The end of a message about an unknown word: "; did you mean 'filter'?", or nothing.
  package static func hint(for word: String, among known: [String]) -> String {
    nearest(to: word, among: known).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// How many letters must be inserted, removed, replaced or swapped with their neighbour (optimal string alignment).
  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var before: [Int] = []
    var row = Array(0...b.count)
    for i in 1...a.count {
      var next = [i]
      for j in 1...b.count {
        var least = min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { least = min(least, before[j - 2] + 1) }
        next.append(least)
      }
      (before, row) = (row, next)
    }
    return row[b.count]
  }
}
