import MathKernels

/// Figures of a need among all texts.
enum VoiceMeasures {
  /// Penalty–reward contrast analysis: satisfaction regressed on whether a text speaks well and whether it speaks ill of
  /// something, both 0 or 1. Nil with fewer than `least` texts that mention it or without spread.
  ///
  /// Sources: Brandt (1988); Matzler and Sauerwein (2002), https://doi.org/10.1108/09564230210445078. Significance by the normal
  /// approximation, at `level` with heteroscedastic errors (White, HC1).
  static func kano(
    satisfaction: [Double], praised: [Bool], blamed: [Bool], least: Int = 20, level: Double = 0.05
  ) -> VoiceNeed.Kano? {
    let n = satisfaction.count
    let mentions = (0..<n).count { praised[$0] || blamed[$0] }
    guard mentions >= least, n - mentions >= least else { return nil }
    // Each text is one of four cells; sums over cells are all that least squares needs.
    let rows: [[Double]] = (0..<n).map { [1, praised[$0] ? 1 : 0, blamed[$0] ? 1 : 0] }
    let used = [0, praised.contains(true) ? 1 : nil, blamed.contains(true) ? 2 : nil].compactMap { $0 }
    let k = used.count
    var gram = Matrix<Double>(rows: k, columns: k)
    var right = [Double](repeating: 0, count: k)
    for (row, value) in zip(rows, satisfaction) {
      for i in 0..<k {
        right[i] += row[used[i]] * value
        for j in 0..<k { gram[i, j] += row[used[i]] * row[used[j]] }
      }
    }
    guard let inverse = try? gram.inverseOfSymmetricPositiveDefinite() else { return nil }
    let beta = (0..<k).map { i in (0..<k).reduce(0) { $0 + inverse[i, $1] * right[$1] } }
    var meat = Matrix<Double>(rows: k, columns: k)
    for (row, value) in zip(rows, satisfaction) {
      let residual = value - (0..<k).reduce(0) { $0 + beta[$1] * row[used[$1]] }
      for i in 0..<k { for j in 0..<k { meat[i, j] += residual * residual * row[used[i]] * row[used[j]] } }
    }
    let covariance = inverse.multiplied(by: meat).multiplied(by: inverse)
    let correction = Double(n) / Double(max(1, n - k))
    func figures(_ column: Int) -> (Double, Double) {
      guard let place = used.firstIndex(of: column) else { return (0, 1) }
      let error = (correction * max(0, covariance[place, place])).squareRoot()
      guard error > 0 else { return (beta[place], abs(beta[place]) > 1e-12 ? 0 : 1) }
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
