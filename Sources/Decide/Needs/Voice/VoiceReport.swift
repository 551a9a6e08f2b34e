import Commerce
import MathKernels
import TextAnalysis

/// Makes the board from groups.
struct VoiceReport: Sendable {
  var configuration: VoiceOfCustomer.Configuration
  var tools: VoiceTools
  var texts: [VoiceText]
  var sentences: [VoiceSentence]
  var space: VoiceSpace

  func board(_ groups: [VoiceGroup]) -> VoiceBoard {
    let writers = Set(texts.map(\.holder))
    let words = self.words(groups)
    var needs = zip(groups, words).map { need($0, words: $1, writers: writers.count) }
    setTrends(&needs, groups)
    setPositions(&needs)
    needs.sort { ($1.customers, $1.statements, $0.needID) < ($0.customers, $0.statements, $1.needID) }
    let grouped = Set(groups.flatMap(\.statements))
    let stated = sentences.count(where: \.isStatement)
    return VoiceBoard(
      needs: needs.filter { $0.status != .rejected }, rejected: needs.filter { $0.status == .rejected },
      texts: texts.count, customers: writers.count, statements: stated,
      ungrouped: sentences.indices.count { sentences[$0].isStatement && !grouped.contains($0) },
      comparedBy: space.comparedBy)
  }

  private func words(_ groups: [VoiceGroup]) -> [[String]] {
    let terms = groups.map { group in
      (group.statements.isEmpty
        ? group.placed.flatMap { EvaluativeWords.content(of: tools.terms.terms(of: $0.text)) }
        : group.statements.flatMap { sentences[$0].terms })
    }
    return ClassTermWeights.best(of: terms, count: 10).map { $0.map(\.term) }
  }

  private func need(_ group: VoiceGroup, words: [String], writers: Int) -> VoiceNeed {
    let all = group.statements + group.praises
    let holders = Set(group.statements.map { holder($0) })
    let present = Set(all.map { sentences[$0].quote.key })
    let members =
      group.statements.map {
        AnalystDecision.Member(key: sentences[$0].quote.key, text: sentences[$0].quote.text)
      }
      + group.placed.filter { !present.contains($0.key) }
    let polarities = all.map { sentences[$0].quote.polarity }
    let share = writers == 0 ? 0 : Double(holders.count) / Double(writers)
    let items = Set(group.statements.compactMap { sentences[$0].quote.itemID })
    let customers = Set(group.statements.compactMap { sentences[$0].quote.customerID })
    return VoiceNeed(
      needID: group.needID, label: group.label ?? label(words, group), words: words, kind: kind(group),
      status: group.status, customers: holders.count, shareOfCustomers: share,
      shareInterval: Statistics.wilsonInterval(successes: holders.count, of: writers),
      statements: group.statements.count,
      praises: group.praises.count, sentiment: polarities.isEmpty ? 0 : Statistics.mean(polarities),
      trend: nil,
      series: series(group), kano: kano(group), position: .lowPriority,
      atStake: customers.isEmpty && items.isEmpty ? nil : tools.revenue?(customers, items),
      quotes: quotes(group),
      members: members.sorted { $0.key < $1.key })
  }

  private func holder(_ sentence: Int) -> String { texts[sentences[sentence].document].holder }

  private func label(_ words: [String], _ group: VoiceGroup) -> String {
    words.isEmpty
      ? group.placed.first.map { String($0.text.prefix(24)) } ?? group.needID
      : words.prefix(3).joined(separator: " · ")
  }

  /// Mostly problems: solve; mostly wished or looked for: unmet; mostly asked and compared: explore.
  private func kind(_ group: VoiceGroup) -> VoiceNeed.Kind {
    var (pain, wanted, asked) = (0, 0, 0)
    for index in group.statements {
      switch sentences[index].quote.kind {
      case .pain: pain += 1
      case .wish, .need: wanted += sentences[index].isUnmet ? 2 : 1
      case .question, .comparison: asked += 1
      case nil: break
      }
    }
    if wanted >= pain, wanted >= asked, wanted > 0 { return .unmet }
    return asked > pain ? .explore : .solve
  }

  private func quotes(_ group: VoiceGroup) -> [VoiceQuote] {
    let nearest = group.statements.sorted {
      (group.similarities[$1] ?? 0, $0) < (group.similarities[$0] ?? 0, $1)
    }.prefix(100)
    var relevance = [Float](repeating: 0, count: sentences.count)
    for index in nearest {
      // A sentence that is short enough to read at a glance shows a need better.
      let isReadable = (6...45).contains(
        sentences[index].quote.text.unicodeScalars.count / (isLatin(index) ? 3 : 1))
      relevance[index] = (group.similarities[index] ?? 0) + (isReadable ? 0.25 : 0)
    }
    return MaximalMarginalRelevance.choose(
      configuration.quotes, of: Array(nearest), space.rows, relevance, 0.6
    )
    .map { sentences[$0].quote }
  }

  private func isLatin(_ index: Int) -> Bool {
    let text = sentences[index].quote.text
    return text.utf8.count * 2 < text.unicodeScalars.count * 3
  }

  private func kano(_ group: VoiceGroup) -> VoiceNeed.Kano? {
    var (praised, blamed) = (Set<Int>(), Set<Int>())
    for index in group.praises { praised.insert(sentences[index].document) }
    for index in group.statements {
      let polarity = sentences[index].quote.polarity
      if polarity < 0 {
        blamed.insert(sentences[index].document)
      } else if polarity > 0.2 {
        praised.insert(sentences[index].document)
      }
    }
    let rated = texts.indices.filter { texts[$0].rating != nil }
    return VoiceMeasures.kano(
      satisfaction: rated.map { texts[$0].rating ?? 0 }, praised: rated.map(praised.contains),
      blamed: rated.map(blamed.contains))
  }

  private var lastDay: Int64 { Int64(texts.map(\.timestamp.dayNumber).max() ?? 0) }

  private func series(_ group: VoiceGroup) -> [VoiceNeed.Week] {
    guard !texts.isEmpty else { return [] }
    func week(_ time: Timestamp) -> Int64 { (Int64(time.dayNumber) + 3) / 7 }
    let last = (lastDay + 3) / 7
    var (spoke, wrote): ([Int64: Set<String>], [Int64: Set<String>]) = ([:], [:])
    for text in texts { wrote[week(text.timestamp), default: []].insert(text.holder) }
    for index in group.statements {
      spoke[week(sentences[index].quote.timestamp), default: []].insert(holder(index))
    }
    let first = max(last - Int64(configuration.weeks) + 1, wrote.keys.min() ?? last)
    return (first...max(first, last)).map { number in
      VoiceNeed.Week(
        week: String(Timestamp(milliseconds: (number * 7 - 3) * Timestamp.day).description.prefix(10)),
        customers: spoke[number]?.count ?? 0, writers: wrote[number]?.count ?? 0)
    }
  }

  /// Compares the share of writers who speak of a need in the last days with the days before, over all needs at once.
  private func setTrends(_ needs: inout [VoiceNeed], _ groups: [VoiceGroup]) {
    let (end, days) = (lastDay, Int64(configuration.trendDays))
    func isRecent(_ time: Timestamp) -> Bool? {
      let age = end - Int64(time.dayNumber)
      return age < days ? true : age < 2 * days ? false : nil
    }
    func count(_ holders: some Sequence<(Timestamp, String)>) -> (recent: Int, before: Int) {
      var (recent, before) = (Set<String>(), Set<String>())
      for (time, holder) in holders {
        switch isRecent(time) {
        case true?: recent.insert(holder)
        case false?: before.insert(holder)
        case nil: break
        }
      }
      return (recent.count, before.count)
    }
    let writers = count(texts.map { ($0.timestamp, $0.holder) })
    guard writers.recent > 0, writers.before > 0 else { return }
    let spoken = groups.map { group in
      count(group.statements.map { (sentences[$0].quote.timestamp, holder($0)) })
    }
    let tests = spoken.map {
      HypothesisTests.twoProportions(
        successes: $0.recent, of: writers.recent, versus: $0.before, of: writers.before)
    }
    let adjusted = HypothesisTests.benjaminiHochberg(tests.map(\.pValue))
    for index in needs.indices {
      let (recent, before) = (
        Double(spoken[index].recent) / Double(writers.recent),
        Double(spoken[index].before) / Double(writers.before)
      )
      let change = before > 0 ? recent / before - 1 : recent > 0 ? 1 : 0
      needs[index].trend = NeedTrend(change: change, pValue: tests[index].pValue, qValue: adjusted[index])
    }
  }

  private func setPositions(_ needs: inout [VoiceNeed]) {
    let positions = VoiceMeasures.positions(
      importance: needs.map(\.shareOfCustomers), performance: needs.map(\.sentiment))
    for index in needs.indices { needs[index].position = positions[index] }
  }
}
