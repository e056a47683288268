-- Ends a session and rolls back its transaction. Its process is the variable pid.
select pg_terminate_backend(:'pid'::int);
