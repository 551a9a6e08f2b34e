import Commerce
import MathKernels
import TextAnalysis

/// Makes the board from groups.
struct VoiceReport {
  let reading: VoiceReading
  let revenue: VoiceTools.Revenue?
  let weeks: VoiceWeeks
  /// Of the texts that came with stars: their numbers and stars.
  private let rated: [Int]

  private var texts: [VoiceSource] { reading.texts }
  private var sentences: [VoiceSentence] { reading.sentences }
  private var configuration: VoiceOfCustomer.Configuration { reading.model.configuration }

  init(reading: VoiceReading, revenue: VoiceTools.Revenue?) {
    (self.reading, self.revenue) = (reading, revenue)
    weeks = VoiceWeeks(reading.texts.map(\.timestamp), most: reading.model.configuration.weeks)
    rated = reading.texts.indices.filter { reading.texts[$0].rating != nil }
  }

  func board(_ groups: [VoiceGroup]) -> VoiceBoard {
    let writers = Set(texts.map(\.holder))
    let writersOfWeek = holders(texts.map { ($0.timestamp, $0.holder) })
    var needs = groups.map { need($0, writers: writers.count, writersOfWeek) }
    setTrends(&needs, groups)
    setPositions(&needs)
    needs.sort { ($1.customers, $1.statements, $0.needID) < ($0.customers, $0.statements, $1.needID) }
    let grouped = Set(groups.flatMap(\.statements))
    let stated = sentences.count(where: \.isStatement)
    return VoiceBoard(
      needs: needs.filter { $0.status != .rejected }, rejected: needs.filter { $0.status == .rejected },
      texts: texts.count, customers: writers.count, statements: stated,
      ungrouped: sentences.indices.count { sentences[$0].isStatement && !grouped.contains($0) },
      comparedBy: reading.model.comparedBy)
  }

  private func need(_ group: VoiceGroup, writers: Int, _ writersOfWeek: [Int]) -> VoiceNeed {
    let all = group.statements + group.praises
    let holders = Set(group.statements.map { sentences[$0].holder })
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
      needID: group.needID, label: group.label ?? label(group), words: Array(group.words.prefix(10)),
      kind: kind(group),
      status: group.status == .reopened ? nil : group.status,
      customers: holders.count, shareOfCustomers: share,
      shareInterval: Statistics.wilsonInterval(successes: holders.count, of: writers),
      statements: group.statements.count,
      praises: group.praises.count, sentiment: polarities.isEmpty ? 0 : Statistics.mean(polarities),
      trend: nil,
      series: series(group, writersOfWeek), kano: kano(group), position: .lowPriority,
      atStake: customers.isEmpty && items.isEmpty ? nil : revenue?(customers, items),
      quotes: group.quotes.map { sentences[$0].quote },
      members: members.sorted { $0.key < $1.key })
  }

  private func label(_ group: VoiceGroup) -> String {
    group.words.isEmpty
      ? group.placed.first.map { String($0.text.prefix(24)) } ?? group.needID
      : group.words.prefix(3).joined(separator: " · ")
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

  private func kano(_ group: VoiceGroup) -> VoiceNeed.Kano? {
    var (praised, blamed) = (Set<Int>(), Set<Int>())
    for index in group.praises { praised.insert(sentences[index].text) }
    for index in group.statements {
      if sentences[index].quote.isBad {
        blamed.insert(sentences[index].text)
      } else if sentences[index].isPraise {
        praised.insert(sentences[index].text)
      }
    }
    return VoiceMeasures.kano(
      satisfaction: rated.map { texts[$0].rating ?? 0 }, praised: rated.map(praised.contains),
      blamed: rated.map(blamed.contains))
  }

  /// How many people there are in each week.
  private func holders(_ moments: [(Timestamp, String)]) -> [Int] {
    var sets = [Set<String>](repeating: [], count: weeks.weeks.count)
    for (moment, holder) in moments { if let place = weeks.place(of: moment) { sets[place].insert(holder) } }
    return sets.map(\.count)
  }

  private func series(_ group: VoiceGroup, _ writers: [Int]) -> [VoiceNeed.Week] {
    let spoke = holders(group.statements.map { (sentences[$0].quote.timestamp, sentences[$0].holder) })
    return weeks.weeks.indices.map {
      VoiceNeed.Week(week: weeks.weeks[$0].name, customers: spoke[$0], writers: writers[$0])
    }
  }

  /// Compares the share of writers who speak of a need in the last days with the days before, over all needs at once.
  private func setTrends(_ needs: inout [VoiceNeed], _ groups: [VoiceGroup]) {
    let end = Int64(texts.map(\.timestamp.dayNumber).max() ?? 0)
    let days = Int64(configuration.trendDays)
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
      count(group.statements.map { (sentences[$0].quote.timestamp, sentences[$0].holder) })
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
    let shown = needs.indices.filter { needs[$0].status != .rejected }
    let positions = VoiceMeasures.positions(
      importance: shown.map { needs[$0].shareOfCustomers }, performance: shown.map { needs[$0].sentiment })
    for (index, position) in zip(shown, positions) { needs[index].position = position }
  }
}
