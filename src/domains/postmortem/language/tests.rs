use super::*;

fn people() -> People {
    People::named(["alice", "Alice Ng", "bob", "mark", "will", "a.smith"])
}

#[track_caller]
fn found(text: &str) -> Vec<(Flaw, String)> {
    remarks(text, &people()).into_iter().map(|remark| (remark.flaw, remark.found)).collect()
}

#[track_caller]
fn check(text: &str, flaw: Flaw, words: &str) {
    let found = found(text);
    assert_eq!(found, [(flaw, words.to_owned())], "{text}");
}

/// Sentences as neutral post-mortems have them. Nothing in them is to be found.
const NEUTRAL: &[&str] = &[
    "At 09:12 UTC the new release reached all instances, and one of four requests failed.",
    "The pod failed to start because its image could not be pulled.",
    "The deployment failed to roll back: the old image was gone.",
    "Requests failed to connect to the database for 14 minutes.",
    "The alert did not fire, because its threshold is above what one zone can lose.",
    "The alert didn't fire for the first eleven minutes.",
    "We failed to reproduce the error on staging.",
    "The team could not reach the console, as it depends on the same login.",
    "All services should have a runbook and an owner.",
    "Clients should have dedicated connection pools.",
    "Each queue should have limited retries and bounded memory.",
    "Every node should have access to the registry mirror.",
    "Services should have automated tests for the failover.",
    "A cluster could have up to five replicas.",
    "This could have resulted in data loss, but the write-ahead log was complete.",
    "It could not have been predicted from the graphs of the week before.",
    "We could have lost the orders of the day: the backup was nine hours old.",
    "The client ignored the Retry-After header.",
    "The load balancer ignored unhealthy backends for 90 seconds.",
    "We ignored 4xx answers in this query, as they are caused by clients.",
    "Errors of the cache are ignored by the frontend by design.",
    "The outage was caused by a full disk on the primary.",
    "The errors were caused by a developer account whose token had expired.",
    "The restart was caused by the team service, which had run out of memory.",
    "The incident was caused by an interaction of the retry policy and the rate limit.",
    "A page fault storm and a segmentation fault followed.",
    "The fault domain was one rack; fault injection had covered two.",
    "The disk at fault was replaced the same day.",
    "User errors (4xx) rose from 1% to 3%.",
    "The user error rate is shown on the left.",
    "The on-call rotation ignored handoffs on holidays, as it is configured.",
    "The on-call engineer acknowledged the page at 09:19 and opened the dashboard.",
    "Alice rolled the release back at 09:31 and told the support team.",
    "Bob restarted the primary; the replicas followed within two minutes.",
    "Mark joined at 10:02. Will took over as commander at 10:30.",
    "The team broke the migration into four parts and ran each on its own.",
    "We broke the change down into smaller ones.",
    "If only one replica is up, writes are refused.",
    "If only two of the three zones answer, the quorum still holds.",
    "Writes are accepted if only the primary is reachable.",
    "git blame shows that the line is from 2019.",
    "The culture is blameless, and nobody was asked who did it.",
    "Had 40 connections been in use for an hour; the pool has 40.",
    "The database had failed over twice that week.",
    "Someone from the vendor joined the call at 11:05.",
    "A forgotten cron job from 2021 deletes all keys that begin with tmp.",
    "The flag was removed by mistake, together with nine others that were unused.",
    "The runbook says: \"you should have checked the replica first\".",
    "“I ignored the page, it looked like the flapping one”, said the engineer on duty.",
    "The log says `failed to acquire lock: should have been released`.",
    "```\nERROR user should have been deleted\n```",
    "> The engineer forgot to run it.\n\nThis is what the chat said.",
    "Time to detect was 5 minutes; it was 14 minutes in the incident before.",
    "Nobody was paged between 09:12 and 09:17.",
    "The change had been reviewed by two engineers and tested on staging.",
    "The dashboard shows the mean, in which the slow shard cannot be seen.",
    "The reviewers saw 1,400 lines, of which 12 were the change that mattered.",
    "The engineer on duty looked at the database first, because it had been slow on the two Thursdays before.",
    "The checklist has no step for the cache, and the pipeline does not ask for it.",
    "Two consoles look the same; staging and production differ in one letter.",
    "The operator reconciled the resource every 30 seconds and undid the change.",
    "The scheduler overlooked two nodes whose label was misspelt.",
    "Support told customers within 25 minutes.",
    "It would have taken 40 minutes to restore the backup, so the team chose to fail over.",
    "Traffic was supposed to be drained by 10:00; it took until 10:20.",
    "Add an alert that fires when the queue is older than 10 minutes.",
    "The retry budget is what keeps a slow dependency from taking all threads.",
    "The team did not have access to the vendor's status page.",
    "Alice did not know of the second console; it is in no document.",
    "The engineers did not see an error: the command prints none.",
    "Failover is tested each quarter; the last test was 71 days before.",
    "The certificate expired at 00:00 UTC. Its renewal had failed for 29 days.",
    "Customers could have retried, and most did.",
    "The new limit would have been reached at 14:00 in any case.",
    "We did not test the failover of the second zone before this.",
    "The test did not check the size of the pool.",
    "The review did not ask for a load test; the template of the review has no such line.",
    "Engineers could see the queue only after logging in to the primary.",
    "The vendor's engineers found the cause at 13:40.",
    "The on-call schedule had a gap between 08:00 and 08:30.",
    "The SRE dashboard failed to load for 6 minutes.",
    "The team's dashboard failed to load.",
    "The admin API failed to answer.",
    "An intern account was used by the pipeline.",
    "The pager broke the connection every 30 seconds.",
    "The release broke the contract with the search service.",
    "A retry by the client caused the second spike.",
    "Retries caused three times the load.",
    "The author of the library has released a fix.",
    "The manager process ignored SIGTERM.",
    "A developer from the payments team joined and pointed to the change of the driver.",
    "Alice saw the error rate fall and closed the incident; it rose again at 11:20.",
    "Bob ran the command in the wrong terminal: both prompts look the same.",
    "The deploy was started by Bob as the checklist says.",
    "Recovery was slowed by the size of the backup.",
    "The fault was in the firmware of the switch.",
    "We made an error budget report for the week.",
    "The engineers made changes to 14 hosts by hand, as there is no tool for it.",
    "By mistake the selector matched all pods.",
    "The default of the chart was changed in March without a note in its changelog.",
    "What went well: the page came within 2 minutes, and the runbook had the right step.",
    "Where we got lucky: it was Sunday, and traffic was a fifth of Monday's.",
    "Replicas lagged by up to 11 minutes; reads were stale for that long.",
    "Had been planned for 2025: the second region.",
    "The message of the error could have been clearer to read on a phone.",
    "The service would have had to be restarted in any case.",
    "A replica should have at most 5 seconds of lag.",
    "The batch should have finished files only.",
    "Action: the pipeline refuses a migration that has not been run on staging.",
    "Users who had not logged out were not affected.",
    "All engineers on the call had read the runbook.",
    "No one from the team was in the office; access to the VPN depends on the same identity provider.",
    "The on-call phone was silent: its profile for the night was on.",
    "The team decided not to fail over, because the lag was above 10 minutes.",
    "Requests that should have been cached are now in a queue of their own.",
];

#[test]
fn neutral_prose_is_left_alone() {
    let mut wrong = Vec::new();
    // The last of them is the price: what a machine should have done is a counterfactual all the same.
    for text in &NEUTRAL[..NEUTRAL.len() - 1] {
        let found = found(text);
        if !found.is_empty() {
            wrong.push(format!("{text}\n    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    check(NEUTRAL[NEUTRAL.len() - 1], Flaw::Counterfactual, "should have been cached");
}

#[test]
fn blame_is_found_near_people() {
    use Flaw::Blame;
    check("Alice forgot to run the migration.", Blame, "Alice forgot to run");
    check(
        "The engineer on duty forgot the second step.",
        Blame,
        "engineer on duty forgot the second",
    );
    check("@bob ignored the page.", Blame, "@bob ignored the page");
    check(
        "The page was ignored by the on-call engineer.",
        Blame,
        "ignored by the on-call engineer",
    );
    check(
        "The developer neglected the tests, as so often.",
        Blame,
        "developer neglected the tests",
    );
    check("The change was made carelessly.", Blame, "carelessly");
    check("It was Alice's fault.", Blame, "Alice's fault");
    check("The on-call engineer was at fault here.", Blame, "engineer was at fault");
    check("This was a mistake by the contractor.", Blame, "mistake by the contractor");
    check("Bob made a mistake in the configuration.", Blame, "Bob made a mistake");
    check("Bob broke production on Friday.", Blame, "Bob broke production on");
    check("Alice messed up the deployment.", Blame, "Alice messed up");
    check("The outage was caused by Alice.", Blame, "caused by Alice");
    check(
        "The outage was caused by an engineer who deployed on Friday.",
        Blame,
        "caused by an engineer",
    );
    check("Alice caused the outage.", Blame, "Alice caused the outage");
    check("The DBA is to blame for this.", Blame, "DBA is to blame");
    check("We blame the developers for it.", Blame, "blame the developers");
    check("A.Smith panicked.", Blame, "A.Smith panicked");
    check(
        "Alice deployed the change and ignored the warning.",
        Blame,
        "Alice deployed the change and ignored the warning",
    );
}

#[test]
fn other_worlds_are_found() {
    use Flaw::Counterfactual;
    check("The alert should have fired at 09:13.", Counterfactual, "should have fired");
    check("This should’ve been tested.", Counterfactual, "should’ve been tested");
    check("They shouldn't have deployed on a Friday.", Counterfactual, "shouldn't have deployed");
    check("Alice should not have restarted it.", Counterfactual, "should not have restarted");
    check("It ought to have been an alert.", Counterfactual, "ought to have been an");
    check("The on-call engineer could have rolled back.", Counterfactual, "could have rolled");
    check("It could have been noticed much earlier.", Counterfactual, "could have been noticed");
    check("A canary would have caught this.", Counterfactual, "would have caught");
    check("The team failed to check the replica.", Counterfactual, "team failed to check");
    check(
        "Bob looked at the graph and failed to notice the drop.",
        Counterfactual,
        "Bob looked at the graph and failed to notice",
    );
    check("The engineer didn't check the dashboard.", Counterfactual, "engineer didn't check");
    check("Alice did not follow the runbook.", Counterfactual, "Alice did not follow");
    check("If only we had looked at the replica.", Counterfactual, "If only we had");
    check("If only the alert had fired.", Counterfactual, "If only the alert");
    check(
        "Had the alert fired, we would have been faster.",
        Counterfactual,
        "Had the alert fired, we would have been",
    );
    check(
        "The engineer was supposed to check this.",
        Counterfactual,
        "engineer was supposed to check",
    );
}

#[test]
fn human_error_is_found() {
    check("The cause was human error.", Flaw::HumanError, "human error");
    check("Operator error during a restart", Flaw::HumanError, "Operator error");
    check("A fat-finger in the console", Flaw::HumanError, "fat-finger");
    check("a fat finger", Flaw::HumanError, "fat finger");
    for text in ["It was not human error.", "We look beyond human error.", "\"human error\""] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn names_that_are_words_count_with_a_capital() {
    check("Mark ignored the page.", Flaw::Blame, "Mark ignored the page");
    assert_eq!(found("The mark ignored nothing, and it will."), []);
}

#[test]
fn places_are_in_the_text_as_it_is_written() {
    let text = "Größe: `x`.\n\nThe reviewer *should* have noticed\nthe index.";
    let remarks = remarks(text, &people());
    assert_eq!(&text[remarks[0].at.clone()], "should* have noticed");
}
