/// The patterns of `StatementDetector`; "…" is a gap within the sentence, "|" parts alternatives.
enum StatementPatterns {
  static let all: [(kind: Statement.Kind?, isUnmet: Bool, patterns: String)] = [
    (nil, false, nothing), (.need, true, unmet), (.need, false, need), (.wish, false, wish),
    (.pain, false, pain),
    (.comparison, false, comparison), (.question, false, question),
  ]

  /// What looks like a statement and is none.
  private static let nothing = """
    不好意思|来不及|不至于不|建议大家|建议各位|建议你|建议朋友|不知道是不是|不知是不是|不知道为什么|不知为什么|不知道什么时候|不知道有没有|看看有没有|不管是不是
    没有太大|不是太大|不会太|不太大|没太大|不是太|没有太多|没有太贵|不算太|不是很小|没有破损|没破损|没有划痕|没有变形|没有无法
    不需要|无需|不用说|需要注意|需要说明|需要提醒|值得注意|想要的都|正是我想要的|就是我想要的|是我想要的|我想要的效果|我想要的那种|不想要
    希望对大家|希望对你|希望能帮到|希望对各位|希望可以帮到|希望大家|希望各位|没希望|有希望|希望小学|希望工程|不希望
    比较|比如|比例|比赛|对比度|比方|好比|无比|比重|比亚|性价比|比利
    没有问题|没问题|没什么问题|没有任何问题|没啥问题|没有失望|不失望|没让我失望|没有让我失望|不会失望|不后悔|没后悔|从不后悔|不会后悔
    没有缺点|没缺点|没有瑕疵|不坏|不会坏|没坏|没有坏|问题不大|没有异味|没异味|没味道|没有味道|无异味|不卡|不漏|不会漏|不掉色|不褪色|没褪色|不差
    没有色差|没色差|不起球|不伤|不麻烦|不嫌弃|不敢相信|美不胜收|不仅|不但|不亏|不愧|不错|不贵|不得不|不难|不容易坏
    no need|don't need|dont need|do not need|doesn't need|did not need|didn't need|won't need|all you need|everything i need|exactly what i need
    everything you need|just what i need|what i needed|need i say|don't want|do not want|need to say|exactly what i want
    hope this helps|hope that helps|hope you|hope it helps|i hope so|no problem|no problems|not a problem|without a problem|no issues|without issues
    no complaints|no issue|not disappointed|wasn't disappointed|won't be disappointed|will not be disappointed|never disappointed|not bad
    can't go wrong|can't beat|can't complain|can't wait|cannot wait|can't say enough|can't recommend it enough|couldn't be happier|can't be beat
    couldn't ask for|rather than|other than|more than happy|more than enough|more than once|less than a week|no trouble|doesn't hurt
    as soon as|as well as|as far as|as long as|as if|won't regret|no regrets|don't regret|not too
    """

  private static let unmet = """
    买不到|找不到|没有卖|没卖|没得卖|没地方买|哪都没有|哪里都没有|缺货|断货|没货|无货|抢不到|下架了|停产|找了很久|找了好久|到处都没有|没有我要|没有适合|没有合适
    没找到|没有找到|订不到|补货|什么时候有货|有货吗|到货通知
    can't find|cannot find|can not find|couldn't find|could not find|unable to find|hard to find|impossible to find|out of stock|sold out
    nowhere to be found|don't carry|doesn't carry|don't sell|doesn't sell|no longer available|not available|discontinued|looked everywhere
    back in stock|in stock again|never in stock|restock|searched everywhere
    """

  private static let need = """
    我想要|想要一|想要买|很想要|还想要|想要的是|想要个|想要那种|我要买|我需要|我们需要|还需要|急需|需要一个|需要一款|需要一台|需要买|最需要|正需要|急用|想买|求购|求推荐|求一款|求一个|打算买|准备买|正在找|在找|一直在找|在寻找|寻找一款|寻找适合|有没有卖|哪里有卖|哪里可以买|哪里能买|想找|想换|想入手
    我想用|必须要有|缺一个|缺个|少一个|适合…的有吗|推荐一款|推荐个|帮我推荐|要一款|要一个能
    i need|we need|i'd need|you need|really need|i want|we want|looking for|been looking|in search of|searching for|in the market for|need something
    must have|must-have|need a|need an|need one|needs a|i require|trying to find|wanted something|want something|recommend a|any recommendation
    """

  private static let wish = """
    希望|要是…就好|要是…就更|要是能|要是可以|如果…就好|如果…就更|如果…会更好|如果能|如果可以…更|若能|若是…就|能…就好了|能…就更好|能…就完美|再…就好了|再…就完美
    再…就更好|建议|最好能|最好可以|最好有|最好是能|期待能|期待有|期待出|期待更|期待下|但愿|盼望|应该有|应该加|应该配|应该附|应该提供|应该改进|应当|可以改进|有待改进|有待提高|有待加强|需要改进|需改进
    需要加强|需要提高|能不能出|能不能加|能否增加|可不可以加|何时能|什么时候能|为什么不出|为何不|怎么不出|不能…吗|可惜没有|可惜不能|可惜没|遗憾的是没有|唯一遗憾|美中不足|唯一的不足
    唯一不足|如果再|要是再|建议改|建议加
    i wish|wish it|wish they|wish there|wish that|wished it|if only|would be nice|would be better|would be great|would be perfect|would be good|would be helpful
    would have been nice|would have been better|would have liked|would've liked|would have preferred|i would like|i'd like|i would love|i'd love|would love to see
    should have|should've|should be|should include|should come|could be better|could be improved|could use|could have been|hope they|hoping for|hope it|hope that
    needs to be|need to be|needs more|needs better|needs improvement|needs to have|please add|please make|please bring|i suggest|my suggestion|suggestion would be
    only wish|only complaint|my only|only downside|only drawback|only thing missing|lacks|lacking|is missing|too bad it
    """

  private static let pain = """
    失望|后悔|投诉|退货|退款|换货|差评|上当|被骗|骗人|垃圾|太差|很差|差劲|糟糕|恶心|气人|无语|坑人|坑爹|忽悠|不值|浪费|受不了|忍受不了|郁闷|烦人|麻烦|坏了|坏的|断了
    裂了|破了|破损|掉了|脱落|开裂|开胶|褪色|掉色|起球|变形|生锈|漏水|漏气|漏油|漏电|漏了|异味|刺鼻|臭味|发霉|变质|过期|失灵|失效|卡顿|卡死|死机|黑屏|花屏|蓝屏|闪退|发烫
    烫手|发热严重|噪音大|噪音很大|声音太大|太吵|很吵|吵死|杂音|充不进|充不上|不耐用|不经用|没用几|用了几天就|不到一个月|不到一周|没几天|打不开|开不了|连不上|装不上|用不了
    进不去|安装不了|不能用|不好用|不能正常|无法|没法|没反应|不灵敏|不灵|不清楚|不清晰|看不清|听不清|不合适|不合身|不舒服|不结实|不牢|不稳|不准|不方便|不实用|不新鲜|不干净
    不卫生|不满意|不喜欢|不好|不行|不对|不符|不一样|不匹配|不兼容|不支持|不给力|不负责|不理|不回|不发货|没有发票|没发票|没有说明|没有送|少发|漏发|发错|送错|缺少|少了|假货
    是假的|盗版|错别字|错字|印刷质量差|印刷不|纸张很差|纸质差|做工粗糙|粗糙|毛边|线头|有色差|色差大|色差严重|偏小|偏大|太小|太大|太短|太长|太薄|太厚|太硬|太重|太贵|太慢
    很慢|慢死|太久|等了…才|拖了|延误|态度恶劣|态度差|态度不好|态度不行|态度不佳|态度不怎|态度不太|态度很不|服务差|很脏|太脏|脏的|没人理|没有人|推卸|敷衍|隔音|很旧|陈旧|老旧|很小|味道很大|味道大|有问题|出问题|出现问题|存在问题|质量问题|问题是|问题很多|问题太多|些问题|个问题|小问题|大问题|的问题就|建议不要|不建议|毛病|故障|缺陷|缺点|不足
    瑕疵|划痕|刮花|凹|伤手|过敏|拉肚子|头晕|难吃|难用|难受|难看|难闻|难喝|看不下去|读不下去|不知所云|没意思|无聊|空洞|啰嗦|不推荐|别买|不要买|千万别|再也不
    disappoint|disappointed|disappointing|broke|broken|breaks|stopped working|quit working|doesn't work|does not work|didn't work|did not work|not work|won't work
    not working|never worked|doesn't fit|didn't fit|does not fit|too small|too big|too tight|too loose|too short|too long|too heavy|too thin|too slow|too loud|too expensive
    too hard|too complicated|difficult to|hard to|impossible to|unable to|can't use|cannot use|won't charge|won't turn|won't stay|won't connect|won't open|keeps crashing|crashes
    crashed|freezes|frozen|overheats|leaks|leaked|leaking|fell apart|falls apart|fell off|came off|falls off|peeling|cracked|torn|scratched|defective|faulty|damaged|wrong size
    wrong color|wrong item|missing parts|poor quality|low quality|poorly made|cheaply made|cheap plastic|waste of|wasted|junk|garbage|rubbish|useless|terrible|horrible|awful|worst
    annoying|frustrating|frustrated|uncomfortable|unreliable|flimsy|returned it|returning it|sent it back|send it back|want my money back|refund|complaint|problem|problems|issue
    issues|regret|rip off|ripoff|scam|never again|don't buy|do not buy|don't waste|not recommend|wouldn't recommend|not happy|unhappy|dead|died|dies|doesn't last|didn't last|smells
    hurts|not comfortable|not worth|not good|not great|not as described|never arrived|arrived late|late delivery|customer service was|rude|boring|confusing|inaccurate|misleading
    """

  private static let comparison = """
    不如|不及|比不上|比得上|没法比|没法跟…比|没有…好|没有…那么|没有…快|相比|相比之下|和…对比|跟…比起|和…比起|与…比起|与其|同样是|跟…一样|和…一样|比起|比之前|比以前|比上次|比别家|比其他|比其它
    比原来|比那|比我|比它|比这|比实体|比专柜|比超市|比商场|比书店|比网上|比京东|比淘宝|比…更|比…还|比…好|比…强|比…便宜|比…贵|比…差|比…快|比…慢|比…大|比…小|比…多|比…重|超过…的|甩…几条街
    better than|worse than|than|compared to|compared with|in comparison|as good as|not as|unlike|similar to|same as|versus|prefer the|superior to|inferior to
    """

  private static let question = """
    请问|能不能|能否|可不可以|是不是|有没有|会不会|要不要|好不好用|怎么办|怎么用|怎么弄|怎么安装|怎么退|怎么回事|如何才能|为什么|为啥|什么时候|多少钱|多久能|哪个好|哪款好|哪一款|吗？|吗?|吗。|呢？|呢?|么？|谁知道怎么|有谁知道|有人知道
    how do i|how can i|how to|how long|how much does|does it|does this|is it possible|is there a|is there any|are there any|can i|can you|can it|could you|will it|will this|what is the
    which one|when will|where can|where do|why does|why is|anyone know|does anyone|do you have|do you sell|has anyone
    """
}
