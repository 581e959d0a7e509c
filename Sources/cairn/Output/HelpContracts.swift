// The two contracts: what an objective sees and may say, and how a search space is written. Tests
// run every example in here.

enum HelpContracts {
  static let objective = """
    An objective is any program. Cairn starts it once for each trial, and hears what
    it prints. Nothing of Cairn needs to be in it.

    WHAT IT SEES
      arguments          the command behind --, with the placeholders filled in:
                           {lr}            the value
                           {--lr}          --lr VALUE; nothing while there is no lr;
                                           of a bool the bare flag, or nothing
                           {args}          all parameters as --name VALUE
                           {args:flags}    the same, bools as bare flags
                           {args:eq}       as --name=VALUE
                           {args:hydra}    as name=VALUE
                           {a|b}           the first of these that exists
                           {a:-text}       text where a does not exist
                           {a:+text}       text where it does
                           {trial} {dir} {params.json} {template}
                                           number, directory, files
                           {{              a brace
                         Without any placeholder {args} is appended.
      CAIRN_PARAMS       the parameters as a JSON object
      CAIRN_STUDY        the study's name
      CAIRN_TRIAL        the trial's number: also a seed of its own for each
      CAIRN_ATTEMPT      1, and one more each time the trial runs again
      CAIRN_TRIAL_DIR    a directory of the trial's own, the same in each attempt:
                         the place for a checkpoint to go on from
      CAIRN_STORE        the store, for calls of Cairn of its own
      CAIRN_REPORT       a file: lines appended to it count like printed ones, for
                         jobs of many processes, or noisy ones
      PYTHONUNBUFFERED   1, so that Python's reports arrive while it runs

    WHAT IT MAY PRINT, a line each, among whatever else it prints
      {"step": 3, "loss": 0.41, "acc": 0.9}
                         metrics at a step. The key may also be global_step, epoch,
                         iteration, iter or _step, or what --step names.
      {"loss": 0.35}     without a step: the final value, if it names the objective
      0.35               a bare number, where no objective is named: the last one
      val_loss: 0.35     what trainers print for people, where the objective is
                         named so: cairn parse shows what is recognised and why
    A metric reported by step becomes the final value when the script names none:
    its last value, or as --minimize loss@min says (@last, @min, @max, @mean:5).
    --metric, --metrics-from read what is written otherwise: see cairn help run.

    HOW IT ENDS
      exit status 0      with a value: the trial is complete
      anything else      another status, a signal, no value, NaN: the attempt has
                         failed, with the reason and the last lines in the record;
                         --retry N runs it again
      SIGTERM            comes when the trial is pruned, stopped or out of time;
                         after --grace (30 s) SIGKILL. What was reported counts.
    Interrupted (Ctrl-C, a crash of the machine) is no failure: the trial runs again
    with the same parameters and the same directory, when the study is resumed.
    """

  static let space = """
    A search space is one domain a parameter: -p NAME=DOMAIN on the command line, or
    a file of them for --space. All of this passes through a shell without quotes.

    NUMBERS
      -p layers=1..4                  whole, both ends included
      -p layers=0..<8                 the end does not belong
      -p batch=16..128:step=16        whole, in steps
      -p batch=log:8..1024            whole, equal ratios equally likely
      -p dropout=0.0..0.5             real, since a point or an exponent says so
      -p scale=float:1..4             real, although both ends are whole
      -p lr=log:1e-5..1e-1            real, equal ratios equally likely
      -p momentum=0..1:step=0.1       real, in steps
      -p init=normal:0,1              likely around 0, with deviation 1
      -p init=normal:0,1:-3..3        the same within bounds
      -p lr=lognormal:-7,2            its logarithm is normal

    CHOICES
      -p opt=adam,sgd,rmsprop         texts
      -p units=32,64,128              numbers, since all are
      -p amp=bool                     false or true
      -p size=ordered:small,mid,big   in this order, so that neighbours are alike
      -p 'head=["linear",[64],null]'  JSON keeps the kind of each
      -p seed=fixed:7                 always this

    LONG FORMS, the same in a programmer's words
      -p 'lr=log(1e-5, 1e-1)'   -p 'n=int(1, 4)'   -p 'x=float(0, 1, step=0.1)'
      -p 'opt=choice(adam, sgd)'   -p 'n=range(0, 8)'   -p 'z=normal(0, 1)'

    A FILE, YAML or JSON, says also which parameters go together:

      parameters:
        lr: log:1e-5..1e-1
        opt: {type: choice, choices: [adam, sgd]}
        momentum: {type: float, low: 0, high: 0.99, when: {opt: sgd}}
        layers: {type: int, low: 1, high: 4, default: 2}
        units: {type: int, low: 8, high: 256, log: true, when: "layers > 1"}
      constraints:
        - layers * units <= 512
      start:
        - {lr: 0.001, opt: adam}

      when          the parameter exists only if others have these values, or if
                    an SQL expression over them is true
      constraints   SQL expressions that every trial keeps
      start         configurations to try first; what one leaves open is sampled
      default       its value in the first configuration that is tried
    Its schema is schema/search-space.json, for editors that complete and check.

    cairn run STUDY … --dry-run 5 -- COMMAND shows what would be tried. cairn edit
    changes the space of a study later.
    """
}
