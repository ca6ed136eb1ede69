using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>The sender wants its pendrive to go, and the person is asked.</content>
public static partial class ExchangeRules
{
    private static void OnSend(Turn turn, Vm vm, Request.Send request)
    {
        if (turn.State.PartyOf(vm.Identity) is not { } from)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.BadName, "this VM has no name of its own that may take part");
            return;
        }

        if (request.To == from.Name)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.SameVm, "the receiver is the sender itself");
            return;
        }

        switch (turn.State.In(new(vm.Identity, Vdev.Xvdg)))
        {
            case null:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.NoPendrive, "there is no pendrive at xvdg: ask for a new one first");
                break;
            case { Stage: Stage.AtSender } p:
                Offer(turn, vm, from, request, p);
                break;
            case { Stage: Stage.Asking } p:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "a question about this pendrive is open", p.Id, request.To);
                break;
            case var p:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "the pendrive is being moved", p.Id, request.To);
                break;
        }
    }

    private static void Offer(Turn turn, Vm vm, Party from, Request.Send request, Pendrive p)
    {
        if (turn.State.Find(request.To) is not { } receiver)
        {
            turn.AnswerGuarded(vm.Identity, vm.Taken, StatusCode.NoSuchVm, "no VM runs under this name, or two do", p.Id, request.To);
            return;
        }

        var to = new Party(receiver.Identity, request.To);
        var busy = IsBusy(turn, to);
        if (busy && NoRoomToWait(turn, vm.Taken, from, to, p)) return;
        var question = new QuestionId(turn.Number());
        turn.Put(p, new Stage.Asking(vm.Taken, question, from, to));
        turn.Answer(vm.Identity, vm.Taken, StatusCode.Asking, "the person at the screen is asked", p.Id, to.Name);
        turn.Do(new ExchangeCommand.StartTimer(new TimerId.Question(question), turn.Settings.UnshownLimit));
        turn.Do(new ExchangeCommand.Ask(question, from.Name, to.Name, busy));
    }

    private static void OnShown(Turn turn, QuestionId question)
    {
        if (turn.State.Questions.ContainsKey(question))
            turn.Do(new ExchangeCommand.StartTimer(new TimerId.Question(question), turn.Settings.QuestionLimit));
    }

    private static void OnAnswered(Turn turn, QuestionId question, bool yes)
    {
        if (Open(turn, question) is not var (p, s)) return;
        turn.Do(new ExchangeCommand.StopTimer(new TimerId.Question(question)));
        turn.Put(p, new Stage.AtSender());
        if (!yes)
        {
            turn.Answer(p.Sender, s.N, StatusCode.Denied, "not allowed", p.Id, s.To.Name, journal: "the person said no");
            return;
        }

        if (IsBusy(turn, s.To) && NoRoomToWait(turn, s.N, s.From, s.To, p)) return;
        turn.Record(StatusCode.Asking, p.Sender, p.Id, s.To.Name, "the person said yes");
        turn.Put(p, new Stage.LeavingSender(s.N, s.From, s.To));
        turn.Do(new ExchangeCommand.Detach(p.Id, new(p.Sender, Vdev.Xvdg), HolderDead: false, turn.Settings.DetachLimit));
    }

    private static void OnAskFailed(Turn turn, QuestionId question, Failure failure)
    {
        if (Open(turn, question) is not var (p, s)) return;
        turn.Do(new ExchangeCommand.StopTimer(new TimerId.Question(question)));
        turn.Put(p, new Stage.AtSender());
        turn.Answer(p.Sender, s.N, StatusCode.Failed, "the question could not be put", p.Id, s.To.Name,
            journal: $"the question could not be put: {failure.Reason}");
    }

    private static void OnQuestionTimeUp(Turn turn, QuestionId question)
    {
        if (Open(turn, question) is not var (p, s)) return;
        turn.Do(new ExchangeCommand.CallOffQuestion(question));
        turn.Put(p, new Stage.AtSender());
        turn.Answer(p.Sender, s.N, StatusCode.TimedOut, "nobody answered the question", p.Id, s.To.Name);
    }

    /// <summary>A party of the question is gone, or its name means something else. The sender keeps its pendrive, if it lives.</summary>
    private static void EndQuestion(Turn turn, Pendrive p, Stage.Asking s)
    {
        TakeBackQuestion(turn, p, s);
        if (!turn.IsAlive(p.Sender))
        {
            turn.Record(StatusCode.Cancelled, p.Sender, p.Id, s.To.Name, "the sender ended while the question was open");
            Discard(turn, p, new(p.Sender, Vdev.Xvdg));
        }
        else if (!turn.State.Holds(s.From))
        {
            turn.Answer(p.Sender, s.N, StatusCode.Cancelled, "the name of this VM has changed, ask again", p.Id, s.To.Name);
        }
        else
        {
            turn.AnswerGuarded(p.Sender, s.N, StatusCode.NoSuchVm, "the receiver ended or changed its name", p.Id, s.To.Name);
        }
    }

    private static void TakeBackQuestion(Turn turn, Pendrive p, Stage.Asking s)
    {
        turn.Do(new ExchangeCommand.StopTimer(new TimerId.Question(s.Question)));
        turn.Do(new ExchangeCommand.CallOffQuestion(s.Question));
        turn.Put(p, new Stage.AtSender());
    }

    private static (Pendrive P, Stage.Asking S)? Open(Turn turn, QuestionId question) =>
        turn.State.Questions.TryGetValue(question, out var id) ? Stands<Stage.Asking>(turn, id) : null;
}
