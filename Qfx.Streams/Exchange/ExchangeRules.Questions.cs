using Qfx.Streams.Policy;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>The person is asked, and what ends a question.</content>
public static partial class ExchangeRules
{
    /// <summary>Puts the question. At most one a VM is open.</summary>
    /// <param name="turn">This turn.</param>
    /// <param name="p">At its sender, or detached when more was written than the person saw.</param>
    /// <param name="asking">Everything but its number and time.</param>
    /// <param name="text">For the guest.</param>
    private static void AskPerson(Turn turn, Pendrive p, Stage.Asking asking, string text)
    {
        var question = new QuestionId(turn.Number());
        turn.Put(p, asking with { Question = question });
        turn.Answer(p.Sender, asking.N, StatusCode.Asking, text, p.Id, asking.For.ToName);
        turn.Do(new ExchangeCommand.StartTimer(new TimerId.Question(question), turn.Settings.UnshownLimit));
        var choice = asking.For as AskedFor.Choice;
        turn.Do(new ExchangeCommand.Ask(question, asking.From.Name, asking.For.ToName ?? default, asking.For is AskedFor.Copy copy && IsBusy(turn, copy.To))
        {
            Pendrive = p.Id,
            Service = asking.For.Service,
            Choices = choice is null ? [] : [.. choice.Among.Select(party => party.Name)],
            Suggested = choice?.Suggested,
            Again = asking.Detached,
            Label = turn.State.Policy.FactsOf(PolicyVm.Of(asking.From.Name)).Label,
        });
    }

    private static void OnShown(Turn turn, ExchangeEvent.QuestionShown e)
    {
        if (Open(turn, e.Question) is not var (p, s)) return;
        turn.Put(p, s with { Written = e.Written, Shown = true });
        if (!s.Shown) turn.Do(new ExchangeCommand.StartTimer(new TimerId.Question(e.Question), turn.Settings.QuestionLimit));
    }

    private static void OnAnswered(Turn turn, ExchangeEvent.Answered e)
    {
        if (Open(turn, e.Question) is not var (p, s)) return;
        turn.Do(new ExchangeCommand.StopTimer(new TimerId.Question(e.Question)));
        if (!e.Yes)
        {
            Audit(turn, p, s, StatusCode.Denied, e.By, "the person said no");
            Refuse(turn, s.From.Name);
            EndUnapproved(turn, p, s, StatusCode.Denied, "not allowed", journal: "the person said no");
            return;
        }

        switch (s.For)
        {
            case AskedFor.Copy copy:
                OnYes(turn, p, s, copy.To, e.By);
                break;
            case AskedFor.Choice choice when choice.Among.FirstOrDefault(party => party.Name == e.Chosen) is { } chosen && turn.State.Holds(chosen):
                OnYes(turn, p, s, chosen, e.By);
                break;
            case AskedFor.Choice:
                Audit(turn, p, s, StatusCode.NoSuchVm, e.By, "who was chosen has ended or changed its name");
                EndUnapproved(turn, p, s, StatusCode.NoSuchVm, "the receiver ended or changed its name", guarded: true);
                break;
            case AskedFor.Dispvm dispvm:
                Audit(turn, p, s, StatusCode.Asking, e.By, "the person said yes", allowed: true);
                turn.Put(p, new Stage.AtSender());
                OpenApproved(turn, p, s.N, s.From, dispvm);
                break;
        }
    }

    private static void OnYes(Turn turn, Pendrive p, Stage.Asking s, Party to, string by)
    {
        Audit(turn, p, s with { For = new AskedFor.Copy(to) }, StatusCode.Asking, by, "the person said yes", allowed: true);
        if (s.Detached)
        {
            OnLeftSender(turn, p, new(s.N, s.From, to) { Written = s.Written, Rule = s.Rule }, written: null);    // its sender may have another one by now
            return;
        }

        turn.Put(p, new Stage.AtSender());
        Approve(turn, p, s.N, s.From, to, s.Rule, s.Written);
    }

    /// <summary>More was written on it between the question and the detach than the person could know of.</summary>
    private static void AskAgain(Turn turn, Pendrive p, Stage.LeavingSender s) => AskPerson(
        turn, p, new(s.N, default, s.From, new AskedFor.Copy(s.To)) { Rule = s.Rule, Since = turn.State.Now, Detached = true },
        "more was written meanwhile, the person at the screen is asked again");

    private static void OnAskFailed(Turn turn, QuestionId question, Failure failure)
    {
        if (Open(turn, question) is not var (p, s)) return;
        turn.Do(new ExchangeCommand.StopTimer(new TimerId.Question(question)));
        Audit(turn, p, s, StatusCode.Failed, "nobody", failure.Reason);
        EndUnapproved(turn, p, s, StatusCode.Failed, "the question could not be put", journal: $"the question could not be put: {failure.Reason}");
    }

    private static void OnQuestionTimeUp(Turn turn, QuestionId question)
    {
        if (Open(turn, question) is not var (p, s)) return;
        turn.Do(new ExchangeCommand.CallOffQuestion(question));
        Audit(turn, p, s, StatusCode.TimedOut, "time", s.Shown ? "nobody answered" : "nobody could be asked");
        Tell(turn, NoticeKind.Unanswered, s.From.Name, s.For.ToName);
        EndUnapproved(turn, p, s, StatusCode.TimedOut, "nobody answered the question");
    }

    /// <summary>A party of the question is gone, or its name means something else. The sender keeps its pendrive, if it lives.</summary>
    private static void EndQuestion(Turn turn, Pendrive p, Stage.Asking s)
    {
        TakeBackQuestion(turn, s);
        if (!turn.IsAlive(p.Sender))
        {
            Audit(turn, p, s, StatusCode.Cancelled, "end", "the sender ended");
            turn.Record(StatusCode.Cancelled, p.Sender, p.Id, s.For.ToName, "the sender ended while the question was open");
            if (s.Detached) Delete(turn, p);
            else Discard(turn, p, new(p.Sender, Vdev.Xvdg));
        }
        else if (!turn.State.Holds(s.From))
        {
            Audit(turn, p, s, StatusCode.Cancelled, "end", "the sender's name changed");
            EndUnapproved(turn, p, s, StatusCode.Cancelled, "the name of this VM has changed, ask again");
        }
        else
        {
            Audit(turn, p, s, StatusCode.NoSuchVm, "end", "the receiver ended or changed its name");
            EndUnapproved(turn, p, s, StatusCode.NoSuchVm, "the receiver ended or changed its name", guarded: true);
        }
    }

    /// <summary>The sender does not want it any more.</summary>
    private static void CancelQuestion(Turn turn, Pendrive p, Stage.Asking s, int cancelledBy)
    {
        TakeBackQuestion(turn, s);
        Audit(turn, p, s, StatusCode.Cancelled, "end", "it was cancelled");
        if (!s.Detached)
        {
            Discard(turn, p, new(p.Sender, Vdev.Xvdg), cancelledBy);
            return;
        }

        Delete(turn, p);
        AnswerCancel(turn, p, cancelledBy);
    }

    private static void TakeBackQuestion(Turn turn, Stage.Asking s)
    {
        turn.Do(new ExchangeCommand.StopTimer(new TimerId.Question(s.Question)));
        turn.Do(new ExchangeCommand.CallOffQuestion(s.Question));
    }

    /// <summary>There was no yes: the pendrive is the sender's, as it was before it asked.</summary>
    private static void EndUnapproved(
        Turn turn, Pendrive p, Stage.Asking s, StatusCode code, string text, bool guarded = false, string? journal = null)
    {
        if (s.Detached)
        {
            var hidden = guarded && !turn.Settings.RevealNames;
            Return(turn, p, s.N, new(hidden ? StatusCode.Denied : code, hidden ? "not allowed" : text), asked: true);
            turn.Record(code, p.Sender, p.Id, s.For.ToName, journal ?? text);
            return;
        }

        turn.Put(p, new Stage.AtSender());
        if (guarded) turn.AnswerGuarded(p.Sender, s.N, code, text, p.Id, s.For.ToName);
        else turn.Answer(p.Sender, s.N, code, text, p.Id, s.For.ToName, journal);
    }

    private static void Audit(Turn turn, Pendrive p, Stage.Asking s, StatusCode code, string by, string why, bool allowed = false) =>
        turn.Decided(new(s.For.Service, p.Sender, s.From.Name, s.For.ToName, allowed, code)
        {
            Pendrive = p.Id,
            Rule = s.Rule,
            By = by,
            Took = turn.State.Now - s.Since,
            Written = s.Written,
            Why = why,
        });

    private static (Pendrive P, Stage.Asking S)? Open(Turn turn, QuestionId question) =>
        Stands<Stage.Asking>(turn, turn.State.Questions.GetValueOrDefault(question));
}
