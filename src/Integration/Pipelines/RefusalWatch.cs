namespace Integration.Pipelines;

/// <summary>
/// Counts refusals without one acceptance between them: when a receiver takes nothing any more, something changed on its side, and to go on
/// would only fill the quarantine. Shared by the loops of one lane. After such a stop one record tries alone before batches go out again.
/// </summary>
internal sealed class RefusalWatch(int most)
{
    private readonly Lock _gate = new();
    private int _inARow;
    private bool _isDoubted;
    private bool _isStopped;
    private bool _isTrying;

    /// <summary>Nothing more may be sent, not even what is left of a claim.</summary>
    public bool IsStopped
    {
        get
        {
            lock (_gate)
            {
                return _isStopped;
            }
        }
    }

    public void Accepted()
    {
        lock (_gate)
        {
            _inARow = 0;
            _isDoubted = false;
        }
    }

    /// <returns>How many were refused in a row, when that is one too many and the caller is to pause the pipeline; null otherwise.</returns>
    public int? Refused(int records)
    {
        lock (_gate)
        {
            _inARow += records;
            if (_isStopped || (_inARow < most && !_isDoubted))
            {
                return null;
            }

            _isStopped = _isDoubted = true;
            return _inARow;
        }
    }

    /// <summary>The ledger says that the pipeline is paused, by the program itself or by a person.</summary>
    public void Paused(bool byTheProgram)
    {
        lock (_gate)
        {
            // Another process, or this one before it was started again.
            _isDoubted |= byTheProgram;
            _isStopped |= byTheProgram;
        }
    }

    /// <summary>The ledger says that the pipeline may work.</summary>
    /// <returns>How many records the next claim may hold; 0 while a single one tries.</returns>
    public int Begin(int usual, out bool isTrial)
    {
        lock (_gate)
        {
            _isStopped = false;
            isTrial = _isDoubted && !_isTrying;
            _isTrying |= isTrial;
            return isTrial ? 1 : _isDoubted ? 0 : usual;
        }
    }

    public void EndTrial()
    {
        lock (_gate)
        {
            _isTrying = false;
        }
    }
}
