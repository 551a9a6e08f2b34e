import MathKernels

/// Figures of a need among all texts.
enum VoiceMeasures {
  /// Penalty–reward contrast analysis: satisfaction regressed on whether a text speaks well and whether it speaks ill of
  /// something, both 0 or 1. Nil with fewer than `least` texts that mention it, or that do not; a side of fewer than
  /// `leastInColumn` texts moves nothing.
  ///
  /// Sources: Brandt (1988); Matzler and Sauerwein (2002), https://doi.org/10.1108/09564230210445078. Significance by the normal
  /// approximation, at `level` with heteroscedastic errors (White, HC1).
  static func kano(
    satisfaction: [Double], praised: [Bool], blamed: [Bool], least: Int = 20, leastInColumn: Double = 10,
    level: Double = 0.05
  ) -> VoiceNeed.Kano? {
    let n = satisfaction.count
    let mentions = (0..<n).count { praised[$0] || blamed[$0] }
    guard mentions >= least, n - mentions >= least else { return nil }
    // Each text is one of four cells, and the cells' sums are all that least squares needs.
    var cells = [(count: Double, sum: Double, squares: Double)](repeating: (0, 0, 0), count: 4)
    for index in 0..<n {
      let cell = (praised[index] ? 1 : 0) + (blamed[index] ? 2 : 0)
      cells[cell].count += 1
      cells[cell].sum += satisfaction[index]
      cells[cell].squares += satisfaction[index] * satisfaction[index]
    }
    let rows: [[Double]] = [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]]
    // A column of a few texts fits them so well that its error seems small: it says nothing.
    let used =
      [0]
      + [1, 2].filter { column in
        let own = zip(rows, cells).reduce(0) { $0 + $1.0[column] * $1.1.count }
        return min(own, Double(n) - own) >= leastInColumn
      }
    let k = used.count
    var (gram, right) = (Matrix<Double>(rows: k, columns: k), [Double](repeating: 0, count: k))
    for (row, cell) in zip(rows, cells) {
      for i in 0..<k {
        right[i] += row[used[i]] * cell.sum
        for j in 0..<k { gram[i, j] += row[used[i]] * row[used[j]] * cell.count }
      }
    }
    guard let inverse = try? gram.inverseOfSymmetricPositiveDefinite() else { return nil }
    let beta = (0..<k).map { i in (0..<k).reduce(0) { $0 + inverse[i, $1] * right[$1] } }
    var meat = Matrix<Double>(rows: k, columns: k)
    for (row, cell) in zip(rows, cells) {
      let fit = (0..<k).reduce(0) { $0 + beta[$1] * row[used[$1]] }
      let squares = max(0, cell.squares - 2 * fit * cell.sum + fit * fit * cell.count)
      for i in 0..<k { for j in 0..<k { meat[i, j] += squares * row[used[i]] * row[used[j]] } }
    }
    let covariance = inverse.multiplied(by: meat).multiplied(by: inverse)
    let correction = Double(n) / Double(max(1, n - k))
    func figures(_ column: Int) -> (Double, Double) {
      guard let place = used.firstIndex(of: column) else { return (0, 1) }
      let error = (correction * max(0, covariance[place, place])).squareRoot()
      guard error > 1e-9 else { return (beta[place], 1) }
      return (beta[place], 2 * (1 - NormalDistribution.cumulative(abs(beta[place]) / error)))
    }
    let ((reward, rewardP), (penalty, penaltyP)) = (figures(1), figures(2))
    let (delights, displeases) = (reward > 0 && rewardP <= level, penalty < 0 && penaltyP <= level)
    let kanoClass: VoiceNeed.KanoClass =
      delights ? (displeases ? .oneDimensional : .attractive) : displeases ? .mustBe : .indifferent
    return VoiceNeed.Kano(
      reward: reward, penalty: penalty, rewardPValue: rewardP, penaltyPValue: penaltyP, kanoClass: kanoClass)
  }

  /// Where needs stand beside each other: importance is the share of customers who speak of it, performance how well they do,
  /// each against the mean of all. Source: Martilla and James (1977), https://doi.org/10.1177/002224297704100112.
  static func positions(importance: [Double], performance: [Double]) -> [VoiceNeed.Position] {
    let (meanImportance, meanPerformance) = (Statistics.mean(importance), Statistics.mean(performance))
    return zip(importance, performance).map { importance, performance in
      switch (importance >= meanImportance, performance >= meanPerformance) {
      case (true, false): .concentrateHere
      case (true, true): .keepUp
      case (false, false): .lowPriority
      case (false, true): .possibleOverkill
      }
    }
  }
}
