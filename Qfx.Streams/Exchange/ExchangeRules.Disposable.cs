using System.Collections.Immutable;
using System.Globalization;
using Qfx.Streams.Domains;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>A VM wants a file to be opened in a disposable VM; and what a disposable VM may ask for.</content>
public static partial class ExchangeRules
{
    /// <summary>The toolstack's names of disposable VMs: who bears one, and is none that is known, may do nothing but die.</summary>
    public static bool IsDvmName(VmName name) =>
        name.ToString() is ['d', 'i', 's', 'p', >= '1' and <= '9', .. var rest] && rest.All(char.IsAsciiDigit);

    private static void OnSendDisposable(Turn turn, Vm vm, Request.SendDisposable request)
    {
        var most = turn.Settings.Disposables;
        var mine = turn.State.Dvms.Values.Where(d => d.For?.Requester.Identity == vm.Identity).ToArray();
        if (!most.Enabled)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.Unsupported, "there are no disposable VMs on this host");
        }
        else if (turn.State.PartyOf(vm.Identity) is not { } requester)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.BadName, "this VM has no name of its own that may take part");
        }
        else if (turn.State.In(new(vm.Identity, Vdev.Xvdg)) is not { } p)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.NoPendrive, "there is no pendrive at xvdg: ask for a new one first");
        }
        else if (p.Stage is not Stage.AtSender)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "the pendrive is being moved, or a question about it is open", p.Id);
        }
        else if (mine.Any(d => d.For!.Seq == request.Seq))
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "this sequence number is in use", p.Id);
        }
        else if (mine.Length >= most.PerRequester || turn.State.Dvms.Values.Count(d => d.For is not null) >= most.InAll)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "there are too many disposable VMs: close one first", p.Id);
        }
        else if (turn.State.Openings.Values.Count(by => by == vm.Identity) >= most.PerMinute)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "this VM has asked for too many disposable VMs: wait a minute", p.Id);
        }
        else
        {
            OfferDispvm(turn, vm, requester, request, p);
        }
    }

    private static void Queue(Turn turn, Vm vm, Party requester, Request.SendDisposable request, Pendrive p)
    {
        var id = new DvmId(turn.Number());
        turn.Put(p, new Stage.Opening(vm.Taken, id));
        turn.State = turn.State.Put(new Dvm(id, new(requester, vm.Taken, request.Seq, request.ViewOnly, p.Id), new DvmStage.Queued())) with
        {
            Openings = turn.State.Openings.Add(id.Value, vm.Identity),
        };
        turn.Do(new ExchangeCommand.StartTimer(new TimerId.Opening(id.Value), TimeSpan.FromMinutes(1)));
        turn.Answer(vm.Identity, vm.Taken, StatusCode.Waiting, "a disposable VM is being made", p.Id, journal:
            string.Create(CultureInfo.InvariantCulture, $"asks for a disposable VM, {id}, number {request.Seq}{(request.ViewOnly ? ", to view only" : "")}"));
    }

    /// <summary>A disposable VM may take what it was made for, send the one reply, and end. Anything else is denied.</summary>
    private static void OnDvmAsks(Turn turn, Vm vm, Dvm dvm, Request request)
    {
        switch (request)
        {
            case Request.Malformed r:
                turn.Answer(vm.Identity, vm.Taken, r.Code, r.Reason, journal: $"{r.Reason}: {r.Quoted}");
                break;
            case Request.KillMe:
                OnKillMe(turn, vm, dvm);
                break;
            case Request.Umount r when HasFile(turn, dvm):
                OnUmount(turn, vm, r);
                break;
            case Request.Cancel when HasFile(turn, dvm):
                OnCancel(turn, vm);
                break;
            case Request.New r when HasFile(turn, dvm) && dvm is { Used: false, For.ViewOnly: false }:
                ImplyUmount(turn, vm);
                OnNew(turn, vm, r);
                break;
            case Request.Send r when HasFile(turn, dvm):
                OnReply(turn, vm, dvm, r);
                break;
            default:
                DenyDvm(turn, vm, dvm, $"a disposable VM asked for {request.GetType().Name}, which it may not, or not now");
                break;
        }
    }

    /// <summary>A domain that bears the name of a disposable VM, and of which there is no record.</summary>
    private static void OnStrangerAsks(Turn turn, Vm vm, Request request)
    {
        if (request is not Request.KillMe)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.Denied, "not allowed", journal: "a disposable VM of which there is no record may only end");
            return;
        }

        turn.Answer(vm.Identity, vm.Taken, StatusCode.Cancelled, "this VM ends", journal: "a disposable VM of which there is no record asked for its end");
        turn.Do(new ExchangeCommand.DestroyStranger(vm.Identity, turn.Settings.Disposables.DestroyLimit));
    }

    private static void DenyDvm(Turn turn, Vm vm, Dvm dvm, string journal) =>
        turn.Answer(vm.Identity, vm.Taken, StatusCode.Denied, "not allowed", receiver: dvm.For?.Requester.Name, journal: $"{dvm.Id}: {journal}");

    /// <summary>Its file is there, or so nearly that its own kernel may be quicker than our outcome.</summary>
    private static bool HasFile(Turn turn, Dvm dvm) => dvm.Stage is DvmStage.Running
        || (dvm.Stage is DvmStage.Loading && turn.State.Pendrives.GetValueOrDefault(dvm.For!.Pendrive)?.Stage is Stage.Delivering { Attaching: true });

    /// <summary>A guest of 2010 writes <c>umount</c> and <c>new</c> right after one another, so the first may be lost.</summary>
    private static void ImplyUmount(Turn turn, Vm vm)
    {
        var implied = new UmountCame(0, null);    // no request: nobody reads an answer
        switch (turn.State.In(new(vm.Identity, Vdev.Xvdh)))
        {
            case { Stage: Stage.AtReceiver s } p:
                TakeBack(turn, p, s, implied);
                break;
            case { Stage: Stage.Delivering { Attaching: true, Umount: null } s } p:
                turn.Put(p, s with { Umount = implied });
                break;
        }
    }

    private static void OnKillMe(Turn turn, Vm vm, Dvm dvm)
    {
        turn.Answer(vm.Identity, vm.Taken, StatusCode.Cancelled, "this VM ends", journal: $"{dvm.Id} asks for its end");
        if (dvm.Stage is not (DvmStage.Ending or DvmStage.Kept) && !HoldsReply(turn, dvm)) End(turn, dvm);    // else it ends when that has left
    }
}
